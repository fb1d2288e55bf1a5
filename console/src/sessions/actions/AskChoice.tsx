// What to ask for, beside the button that asks for the channel's default.
import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconEye, IconMouse } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Rights } from "../../api/types";

export function AskChoice({ compact, ask }: { compact: boolean; ask: (rights: Rights) => void }) {
  const { t } = useTranslation();
  return (
    <Menu>
      <Menu.Target>
        <Button size={compact ? "xs" : "sm"} px={6} variant={compact ? "light" : "filled"} aria-label={t("actions.askChoice")} data-testid="action-ask-choice">
          <IconChevronDown size={15} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconMouse size={16} />} onClick={() => ask("control")} data-testid="action-ask-control">
          {t("actions.askControl")}
        </Menu.Item>
        <Menu.Item leftSection={<IconEye size={16} />} onClick={() => ask("view")} data-testid="action-ask-view">
          {t("actions.askView")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
