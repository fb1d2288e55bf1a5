// Doing one thing to many sessions.
import { describe, expect, it } from "vitest";

import { sampleSession } from "../sample";
import { allowing, runAll } from "./run";

const sessions = Array.from({ length: 11 }, (_, n) => sampleSession({ id: String(n), actions: n % 2 ? ["close"] : ["close", "release"] }));

describe("an action on many sessions", () => {
  it("goes to those that allow it", () => {
    expect(allowing(sessions, "release")).toHaveLength(6);
    expect(allowing(sessions, "delete")).toEqual([]);
  });

  it("asks a few at a time, and one refusal stops nothing", async () => {
    let running = 0;
    let most = 0;
    const progress: number[] = [];
    const act = async (id: string) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      if (id === "3") throw new Error("closed");
    };
    const results = await runAll(sessions, ({ id }) => act(id), (done) => progress.push(done));
    expect(results.filter((one) => one.error !== null).map((one) => one.session.id)).toEqual(["3"]);
    expect(results).toHaveLength(11);
    expect(progress.at(-1)).toBe(11);
    expect(most).toBeLessThanOrEqual(4);
  });
});
