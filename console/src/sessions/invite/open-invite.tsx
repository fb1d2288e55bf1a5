// Opens the dialog with a session's link and PIN.
import { modals } from "@mantine/modals";

import i18n from "../../texts";
import { InvitePanel } from "./InvitePanel";

export function openInvite(title: string, sessionId: string) {
  modals.open({
    title,
    size: 520,
    children: <InvitePanel sessionId={sessionId} />,
    closeButtonProps: { "aria-label": i18n.t("common.close") },
  });
}
