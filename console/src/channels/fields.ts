// A channel's settings as a form has them, and as they are sent.
import { api, take } from "../api/client";
import type { Channel, Rights, Routing, Verification } from "../api/types";

export interface ChannelFields {
  name: string;
  description: string;
  expiration_s: number;
  pin_valid_s: number;
  default_rights: Rights;
  max_open_sessions: number;
  routing: Routing;
  skills: string[];
  verification: Verification;
  rating: boolean;
  rating_question: string;
}

/** Seconds: 15 min, 30 min, 1 h, 4 h, 8 h, 1 d, 3 d, 7 d. */
export const EXPIRATIONS_S = [900, 1800, 3600, 14_400, 28_800, 86_400, 259_200, 604_800];
export const PIN_VALIDITIES_S = [300, 900, 1800, 3600, 14_400, 28_800, 86_400];
export const FIELDS = ["name", "description", "expiration_s", "pin_valid_s", "max_open_sessions", "routing", "skills", "rating_question"];

export function fieldsOf(channel: Channel): ChannelFields {
  const { name, description, expiration_s, pin_valid_s, default_rights, max_open_sessions, routing, skills, verification, rating, rating_question } = channel;
  return { name, description, expiration_s, pin_valid_s, default_rights, max_open_sessions, routing, skills, verification, rating, rating_question };
}

/** Sends only what was changed here, so that nobody's other change is overwritten. */
export function saveSettings(channel: Channel, { name, ...settings }: Partial<ChannelFields>): Promise<Channel> {
  // The default channel and a private one have names of their own.
  const body = channel.kind === "shared" && name !== undefined ? { name: name.trim(), ...settings } : settings;
  return take(api.PATCH("/api/v1/channels/{id}", { params: { path: { id: channel.id } }, body }));
}
