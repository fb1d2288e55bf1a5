import { describe, expect, it } from "vitest";

import type { PermissionLine } from "../api/types";
import { areasOf, effective, settingsOf, type Place } from "./permission-lines";

const line = (change: Partial<PermissionLine> = {}): PermissionLine => ({
  permission: "session.delete",
  setting: null,
  allowed: false,
  because: "role",
  by_group: null,
  by_role: false,
  can_give: true,
  ...change,
});
const group = (setting: "on" | "off") => ({ name: "Trainees", setting });

describe("what a switch comes to", () => {
  it.each<[string, Partial<PermissionLine>, Place, boolean, string]>([
    ["the role gives it", { by_role: true }, "inherit", true, "role"],
    ["the role does not", {}, "inherit", false, "role"],
    ["on here", {}, "on", true, "technician"],
    ["off here", { by_role: true }, "off", false, "technician"],
    ["off for a group wins over on here", { by_role: true, by_group: group("off") }, "on", false, "group"],
    ["off here wins over on for a group", { by_group: group("on") }, "off", false, "technician"],
    ["on for a group", { by_group: group("on") }, "inherit", true, "group"],
    ["an owner has all", { allowed: true, because: "owner" }, "off", true, "owner"],
    ["a stranger to the channel has nothing", { because: "not_in_channel" }, "on", false, "not_in_channel"],
  ])("%s", (_, change, place, allowed, because) => {
    expect(effective(line(change), place)).toMatchObject({ allowed, because });
  });
});

describe("the table", () => {
  const lines = ["session.take", "remote.view", "soscall.manage", "channel.edit"].map((permission) => line({ permission, setting: permission === "channel.edit" ? "on" : null }));

  it("has areas, with SOS Calls at the channel's", () => {
    expect(areasOf(lines).map(({ area, lines }) => [area, lines.length])).toEqual([
      ["session", 1],
      ["remote", 1],
      ["channel", 2],
    ]);
  });

  it("knows what was said, and nothing of what is inherited", () => {
    expect(settingsOf(lines)).toEqual({ "channel.edit": "on" });
  });
});
