// The audit's stable words, and what they say in the reader's language: happenings in a session share their words with its history.
import type { i18n, TFunction } from "i18next";

const IN_SESSIONS = [
  "created", "taken", "released", "assigned", "transferred", "moved", "invited", "removed", "extended", "asked", "withdrawn", "granted", "rejected", "unanswered",
  "lowered", "invited_again", "agent_joined", "agent_resumed", "agent_lost", "agent_given_up", "agent_left", "paused", "unpaused", "screen", "connected",
  "disconnected", "control_handed", "expired", "closed", "deleted", "edited", "new_pin", "cancelled", "unverified", "control_asked", "control_kept", "control_unasked", "wrote", "whispered", "noted", "note_edited",
  "note_deleted", "rated",
] as const;

const ELSEWHERE = [
  "signed_in", "sign_in_failed", "signed_out", "signed_out_everywhere", "signed_out_elsewhere", "set_up", "password_set", "password_changed", "setup_link_made", "account_created", "account_changed",
  "account_removed", "channel_created", "channel_changed", "channel_removed", "channel_member_added", "channel_member_removed", "channel_group_added",
  "channel_group_removed", "group_created", "group_changed", "group_removed", "permissions_changed", "pins_locked", "call_created",
  "call_changed", "call_paused", "call_resumed", "call_deleted", "wrong_session_code", "settings_changed",
] as const;

export const ACTIONS = [...IN_SESSIONS, ...ELSEWHERE];

/** A word that has no text yet shows as itself, so that nothing is hidden. */
export function actionWords(action: string, t: TFunction, { exists }: i18n): string {
  if (exists(`audit.does.${action}`)) return t(`audit.does.${action}` as "audit.does.signed_out");
  if (exists(`history.${action}`)) return t(`history.${action}` as "history.created");
  return action.replaceAll("_", " ");
}
