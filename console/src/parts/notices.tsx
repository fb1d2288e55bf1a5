// Notices at the edge of the screen: something was done, or the gateway's sentence why not.
import { notifications } from "@mantine/notifications";
import { IconAlertTriangle, IconCheck } from "@tabler/icons-react";

import { ApiError } from "../api/errors";
import i18n from "../texts";

/** The sentence for a person: ours in their language when we know the case, else the gateway's own. */
export function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return i18n.t("errors.unknown");
  const keys = [error.field && `errors.${error.code}_${error.field}`, `errors.${error.code}`];
  // The gateway speaks English, and knows its own case best.
  const translate = i18n.language !== "en" || error.code === "unreachable";
  const known = translate && keys.find((key) => key && i18n.exists(key));
  return known ? i18n.t(known as "errors.unknown") : asSentence(error.message);
}

// The gateway writes its messages without capital and full stop, for logs and people alike.
function asSentence(message: string): string {
  const capital = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

export function noticeError(error: unknown) {
  const message = sentence(error);
  // The same sentence twice is one notice.
  notifications.show({ id: `error:${message}`, message, color: "brick", icon: <IconAlertTriangle size={18} />, autoClose: 9000, role: "alert" });
}

export function noticeDone(message: string) {
  notifications.show({ id: `done:${message}`, message, color: "moss", icon: <IconCheck size={18} />, autoClose: 3500 });
}
