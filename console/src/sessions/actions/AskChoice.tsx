// What to ask for, beside the button that asks for the channel's default.
import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconEye, IconMouse } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import type { Rights } from "../../api/types";

interface AskChoiceProps {
  ask: (rights: Rights) => void;
}

export function AskChoice({ ask }: AskChoiceProps) {
  const { t } = useTranslation();
  return (
    <Menu>
      <Menu.Target>
        <Button px={7} ml={1} aria-label={t("actions.askChoice")} data-testid="action-ask-choice">
          <IconChevronDown size={15} />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <AskItems ask={ask} />
      </Menu.Dropdown>
    </Menu>
  );
}

/** The two questions as menu items; the list has them in the session's own menu. */
export function AskItems({ ask }: AskChoiceProps) {
  const { t } = useTranslation();
  return (
    <>
      <Menu.Item leftSection={<IconMouse size={16} />} onClick={() => ask("control")} data-testid="action-ask-control">
        {t("actions.askControl")}
      </Menu.Item>
      <Menu.Item leftSection={<IconEye size={16} />} onClick={() => ask("view")} data-testid="action-ask-view">
        {t("actions.askView")}
      </Menu.Item>
    </>
  );
}
