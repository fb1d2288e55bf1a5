import { describe, expect, it } from "vitest";

import { day, isPeriod, lastDays, shortDay, spanOf } from "./period";

const NOW = new Date(2026, 2, 2, 0, 30);

describe("the period of a report", () => {
  it("counts days of the calendar, over months and changed clocks", () => {
    expect(lastDays("today", NOW)).toEqual({ from: "2026-03-02", to: "2026-03-02" });
    expect(lastDays("week", NOW)).toEqual({ from: "2026-02-24", to: "2026-03-02" });
    expect(lastDays("month", new Date(2026, 3, 2))).toEqual({ from: "2026-03-04", to: "2026-04-02" });
    expect(day(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
  });

  it("knows the usual spans again", () => {
    expect(spanOf(lastDays("quarter", NOW), NOW)).toBe("quarter");
    expect(spanOf({ from: "2026-01-01", to: "2026-03-02" }, NOW)).toBeNull();
  });

  it("begins before it ends, on days that exist", () => {
    expect(isPeriod({ from: "2026-01-02", to: "2026-01-01" })).toBe(false);
    expect(isPeriod({ from: "2026-13-02", to: "2026-14-01" })).toBe(false);
    expect(isPeriod({ from: "", to: "" })).toBe(false);
    expect(isPeriod({ from: "2026-01-01", to: "2026-01-01" })).toBe(true);
  });

  it("names a day as it is, in any zone", () => {
    expect(shortDay("2026-11-01", "en-GB")).toBe("1 Nov");
  });
});
