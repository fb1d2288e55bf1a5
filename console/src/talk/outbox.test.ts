import { describe, expect, it } from "vitest";

import { Outbox, pauseAfter, type Keep } from "./outbox";

function memory(): Keep & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value), removeItem: (key) => void kept.delete(key) };
}

describe("the outbox", () => {
  it("keeps what was written over a reload, under the same name", () => {
    const keep = memory();
    new Outbox("1:end_user", keep).add("Hello", "a", 5);
    expect(new Outbox("1:end_user", keep).all()).toEqual([{ clientId: "a", text: "Hello", at: 5, refused: null }]);
    expect(new Outbox("1:technicians", keep).all()).toEqual([]);
  });

  it("forgets what has arrived", () => {
    const keep = memory();
    const outbox = new Outbox("1", keep);
    outbox.add("one", "a", 1);
    outbox.add("two", "b", 2);
    expect(outbox.remove("a").map((one) => one.text)).toEqual(["two"]);
    outbox.remove("b");
    expect(keep.kept.size).toBe(0);
  });

  it("keeps what was refused until it is sent again", () => {
    const outbox = new Outbox("1", memory());
    outbox.add("one", "a", 1);
    expect(outbox.refuse("a", "No.")[0]?.refused).toBe("No.");
    expect(outbox.again("a")[0]?.refused).toBeNull();
  });

  it("survives storage that holds something else", () => {
    const keep = memory();
    keep.setItem("mayday-outbox:1", "not json");
    expect(new Outbox("1", keep).all()).toEqual([]);
  });

  it("tries again when nobody was there, and not when the gateway said no", () => {
    expect(pauseAfter(0, 0)).toBe(1000);
    expect(pauseAfter(0, 9)).toBe(15_000);
    expect(pauseAfter(429, 1)).toBe(2000);
    expect(pauseAfter(409, 0)).toBeNull();
  });
});
