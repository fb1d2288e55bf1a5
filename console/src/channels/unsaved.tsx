// Leaving a form whose changes are not saved asks first. The draft stays in this tab either way; closing the tab would end it.
import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

export function useUnsaved(changed: boolean) {
  const { t } = useTranslation();
  useBlocker({
    disabled: !changed,
    enableBeforeUnload: changed,
    // Another part of the same page keeps the form.
    shouldBlockFn: async ({ current, next }) => current.pathname !== next.pathname && !(await leaves(t("unsaved.title"), t("unsaved.text"), t("unsaved.leave"), t("unsaved.stay"))),
  });
}

function leaves(title: string, text: string, confirm: string, cancel: string): Promise<boolean> {
  return new Promise((resolve) => {
    modals.openConfirmModal({
      title,
      children: <Text size="sm">{text}</Text>,
      labels: { confirm, cancel },
      confirmProps: { variant: "default", ...{ "data-testid": "leave-unsaved" } },
      cancelProps: { variant: "filled", ...{ "data-autofocus": true } },
      closeButtonProps: { "aria-label": cancel },
      onConfirm: () => resolve(true),
      // Also after a confirmation, when it was decided already.
      onClose: () => resolve(false),
    });
  });
}
