// The navigation of a phone: a bar in reach of the thumb, with New session in its middle.
import { UnstyledButton } from "@mantine/core";
import { IconHome, IconPlus, IconStack2, IconUserCircle, IconUsers } from "@tabler/icons-react";
import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useMay } from "../app/me";
import { useNewSession } from "../sessions/new/NewSessionProvider";
import classes from "./PhoneTabs.module.css";

export function PhoneTabs() {
  const { t } = useTranslation();
  const mayManage = useMay("technician.manage");
  const newSession = useNewSession();
  return (
    <nav className={classes.tabs} aria-label={t("frame.navigation")}>
      <Tab to="/" icon={<IconHome />} label={t("frame.home")} />
      <Tab to="/channels" icon={<IconStack2 />} label={t("frame.channels")} />
      <UnstyledButton className={classes.plus} onClick={() => newSession.open()} aria-label={t("sessions.new")}>
        <IconPlus />
      </UnstyledButton>
      {mayManage && <Tab to="/technicians" icon={<IconUsers />} label={t("frame.technicians")} />}
      <Tab to="/account" icon={<IconUserCircle />} label={t("frame.account")} />
    </nav>
  );
}

function Tab({ to, icon, label }: { to: LinkProps["to"]; icon: ReactNode; label: string }) {
  return (
    <Link to={to} activeOptions={{ exact: to === "/", includeSearch: false }} className={classes.tab}>
      {icon}
      <span>{label}</span>
    </Link>
  );
}
