// When the console speaks up.
import { describe, expect, it } from "vitest";

import { sampleSession } from "../sessions/sample";
import { entersQueue } from "./enters-queue";

const ME = "8";
const NOW = Date.parse("2026-11-22T12:00:00Z");
const queued = sampleSession({ status: "in_queue", actions: ["take"], waiting_since: "2026-11-22T11:59:55Z" });

describe("somebody enters my queue", () => {
  it("when a session is released, or a new one comes", () => {
    expect(entersQueue(sampleSession({ status: "active" }), queued, ME, NOW)).toBe(true);
    expect(entersQueue(undefined, queued, ME, NOW)).toBe(true);
  });

  it("and not when it was there, waits for long, or is not for me", () => {
    expect(entersQueue(queued, queued, ME, NOW)).toBe(false);
    expect(entersQueue(undefined, { ...queued, waiting_since: "2026-11-22T11:00:00Z" }, ME, NOW)).toBe(false);
    expect(entersQueue(undefined, { ...queued, actions: [] }, ME, NOW)).toBe(false);
    expect(entersQueue(undefined, { ...queued, status: "waiting" }, ME, NOW)).toBe(false);
  });

  it("and not when I gave it back myself", () => {
    const mine = sampleSession({ status: "active" });
    const [one] = mine.technicians;
    expect(one && entersQueue(mine, queued, one.id, NOW)).toBe(false);
  });
});
