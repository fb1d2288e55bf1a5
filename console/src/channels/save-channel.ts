// Sends a channel's settings and then the difference in its technicians; answers with the channel as it is afterwards.
import { api, take } from "../api/client";
import type { Channel, Rights } from "../api/types";

export interface ChannelFields {
  name: string;
  description: string;
  expiration_s: number;
  pin_valid_s: number;
  default_rights: Rights;
  max_open_sessions: number;
  /** Ids of technicians. */
  members: string[];
}

export async function saveChannel(channel: Channel | null, { members, ...settings }: ChannelFields): Promise<Channel> {
  const saved = await saveSettings(channel, { ...settings, name: settings.name.trim() });
  if (saved.kind !== "shared") return saved;
  const before = new Set(saved.members.map((one) => one.id));
  const wanted = new Set(members);
  // Who makes a channel is its first technician: a new channel never loses them here.
  const leaving = channel ? [...before].filter((id) => !wanted.has(id)) : [];
  const joining = [...wanted].filter((id) => !before.has(id));
  const at = (technician_id: string) => ({ params: { path: { id: saved.id, technician_id } } });
  for (const id of joining) await take(api.PUT("/api/v1/channels/{id}/members/{technician_id}", at(id)));
  for (const id of leaving) await take(api.DELETE("/api/v1/channels/{id}/members/{technician_id}", at(id)));
  if (joining.length + leaving.length === 0) return saved;
  const all = await take(api.GET("/api/v1/channels"));
  return all.find((one) => one.id === saved.id) ?? saved;
}

async function saveSettings(channel: Channel | null, settings: Omit<ChannelFields, "members">): Promise<Channel> {
  if (!channel) return take(api.POST("/api/v1/channels", { body: settings }));
  if (!channel.actions.includes("edit")) return channel;
  return take(api.PATCH("/api/v1/channels/{id}", { params: { path: { id: channel.id } }, body: settings }));
}
