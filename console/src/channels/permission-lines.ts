// What the three places of a switch come to, before it is saved: the same rule as the gateway's, which has the last word. Pure.
import type { PermissionLine } from "../api/types";

export type Place = "inherit" | "on" | "off";
export type Because = NonNullable<PermissionLine["because"]>;
/** What is not in it is inherited. */
export type Settings = Record<string, "on" | "off">;

export const settingsOf = (lines: PermissionLine[]): Settings => Object.fromEntries(lines.flatMap((line) => (line.setting ? [[line.permission, line.setting]] : [])));

export type Area = "session" | "remote" | "channel";

/** `session.take` belongs to the area `session`; SOS Calls and reports are the channel's. */
export function areasOf(lines: PermissionLine[]): { area: Area; lines: PermissionLine[] }[] {
  const area = (line: PermissionLine): Area => (line.permission.startsWith("session.") ? "session" : line.permission.startsWith("remote.") ? "remote" : "channel");
  return (["session", "remote", "channel"] as const).map((one) => ({ area: one, lines: lines.filter((line) => area(line) === one) })).filter((one) => one.lines.length > 0);
}

/** Off wins over on, the channel over the role; an owner has everything. */
export function effective(line: PermissionLine, place: Place): { allowed: boolean; because: Because; group: string | null } {
  const saved = { allowed: line.allowed ?? false, because: line.because ?? "role", group: line.by_group?.name ?? null };
  if (saved.because === "owner" || saved.because === "not_in_channel") return saved;
  const byGroup = line.by_group;
  if (place === "off") return { allowed: false, because: "technician", group: null };
  if (byGroup?.setting === "off") return { allowed: false, because: "group", group: byGroup.name };
  if (place === "on") return { allowed: true, because: "technician", group: null };
  if (byGroup) return { allowed: true, because: "group", group: byGroup.name };
  return { allowed: line.by_role ?? false, because: "role", group: null };
}
