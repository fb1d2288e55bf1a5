import { describe, expect, it } from "vitest";

import { sampleSession } from "../sessions/sample";
import { deedsOf } from "./session-deeds";

describe("the palette's actions of a session", () => {
  it("are those that the gateway allows now, the next one first", () => {
    expect(deedsOf(sampleSession({ actions: ["close", "copy_link", "take"] }))).toEqual(["take", "copy_link", "close"]);
    expect(deedsOf(sampleSession({ actions: ["release", "connect", "extend", "delete"] }))).toEqual(["connect", "release", "extend", "delete"]);
    expect(deedsOf(sampleSession({ actions: [] }))).toEqual([]);
  });

  it("leave out what needs words or a place of its own", () => {
    expect(deedsOf(sampleSession({ actions: ["edit", "note", "control"] }))).toEqual([]);
  });
});
