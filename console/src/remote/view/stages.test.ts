// The stages of a pixel's way, and the one that is named when it is slow.
import { describe, expect, it } from "vitest";

import type { Summary } from "../client/statistics";
import { reasonOf, stagesOf } from "./stages";

const quick = {
  qp: 24,
  age: 4,
  agent: { wait: 0.5, grab: 0.5, convert: 0.2, encode: 1 },
  spread: 0.5,
  wait: 0.1,
  decode: 2,
  draw: 1,
  receiveToDrawn: 3.5,
};

function summary(change: Partial<typeof quick>, roundTrip: number | null = 2): Summary {
  return { roundTrip, updatesPerSecond: 1, kilobitsPerSecond: 1, keyToPixel: null, mean: { ...quick, ...change } };
}

describe("why it is slow", () => {
  it("is not, when all of the way is quick", () => {
    const { reason, ms } = reasonOf(stagesOf(summary({})));
    expect(reason).toBe("quick");
    expect(ms).toBeCloseTo(9, 0);
  });

  it("says that nothing happened before anything did", () => {
    expect(reasonOf(stagesOf({ ...summary({}), mean: null })).reason).toBe("nothing");
  });

  it.each([
    ["network", summary({}, 160), 80],
    ["read", summary({ age: 90, agent: { wait: 10, grab: 60, convert: 5, encode: 5 } }), 75],
    ["encode", summary({ age: 90, agent: { wait: 1, grab: 1, convert: 1, encode: 80 } }), 80],
    ["send", summary({ age: 300 }), 297.8],
    ["receive", summary({ spread: 400 }), 400],
    ["turn", summary({ wait: 250, receiveToDrawn: 254 }), 250],
    ["decode", summary({ decode: 120, receiveToDrawn: 123 }), 120],
    ["draw", summary({ receiveToDrawn: 103 }), 100.9],
  ])("names %s when it takes longest", (reason, figures, ms) => {
    const found = reasonOf(stagesOf(figures));
    expect(found.reason).toBe(reason);
    expect(found.ms).toBeCloseTo(ms, 5);
  });
});
