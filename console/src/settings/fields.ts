// The gateway's settings as a form has them, and as they are sent: only what was changed here.
import { api, take } from "../api/client";
import type { Settings } from "../api/types";

export type SettingsFields = Settings;

export const FIELDS = ["organisation", "sign_in_s", "expiration_s", "pin_valid_s"];

/** Seconds: 1 h, 4 h, 8 h, 12 h, 1 d, 3 d, 7 d, 14 d, 30 d. */
export const SIGN_INS_S = [3600, 14_400, 28_800, 43_200, 86_400, 259_200, 604_800, 1_209_600, 2_592_000];

/** What the form calls each field. */
export const LABELS = {
  organisation: "settings.organisation",
  sign_in_s: "settings.signIn",
  expiration_s: "channels.expiration",
  pin_valid_s: "channels.pinValid",
  default_rights: "channels.rights",
  verification: "channels.verification",
} as const satisfies Record<keyof SettingsFields, string>;

export function saveSettings(change: Partial<SettingsFields>): Promise<Settings> {
  return take(api.PATCH("/api/v1/settings", { body: change }));
}
