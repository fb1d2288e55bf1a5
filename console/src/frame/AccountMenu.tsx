// Who I am, at the foot of the navigation: account, theme, shortcuts, sign out.
import { Avatar, Menu, SegmentedControl, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconKeyboard, IconLogout, IconMoon, IconSun, IconUserCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { useMe } from "../app/me";
import { useSignOut } from "../app/sign-out";
import classes from "./AccountMenu.module.css";
import { useShortcuts } from "./Shortcuts";

export function AccountMenu() {
  const { t } = useTranslation();
  const me = useMe();
  const signOut = useSignOut();
  const { showSheet } = useShortcuts();
  if (!me) return null;
  return (
    <Menu position="top-start" width={220}>
      <Menu.Target>
        <UnstyledButton className={classes.me}>
          <Avatar name={me.name} color="petrol" size={32} radius="xl" aria-hidden />
          <span className={classes.text}>
            <span className={classes.name}>{me.name}</span>
            <span className={classes.role}>{t(`roles.${me.role}`)}</span>
          </span>
          <span className={classes.hidden}>{t("frame.account")}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <ThemeChoice />
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} />}>
          {t("frame.account")}
        </Menu.Item>
        <Menu.Item leftSection={<IconKeyboard size={16} />} onClick={showSheet}>
          {t("shortcuts.title")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void signOut()}>
          {t("account.signOut")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Light, dark or as the system: icons with names, because there is room for no more in the menu. */
export function ThemeChoice({ fullWidth = true, named = false }: { fullWidth?: boolean; named?: boolean }) {
  const { t } = useTranslation();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const choice = (value: MantineColorScheme, Icon: typeof IconSun) => ({
    value,
    label: (
      <span className={classes.choice}>
        <Icon size={16} aria-hidden />
        {named ? <span>{t(`theme.${value}`)}</span> : <span className={classes.hidden}>{t(`theme.${value}`)}</span>}
      </span>
    ),
  });
  return (
    <SegmentedControl
      size="xs"
      fullWidth={fullWidth}
      aria-label={t("theme.title")}
      value={colorScheme}
      onChange={(value) => setColorScheme(value as MantineColorScheme)}
      data={[choice("light", IconSun), choice("dark", IconMoon), choice("auto", IconDeviceDesktop)]}
    />
  );
}
