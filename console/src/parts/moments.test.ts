import { describe, expect, it } from "vitest";

import { regional, relative, roughly, span, stopwatch } from "./moments";

describe("durations", () => {
  it("tick like a stopwatch", () => {
    expect(stopwatch(7_000)).toBe("0:07");
    expect(stopwatch(760_000)).toBe("12:40");
    expect(stopwatch(3_723_000)).toBe("1:02:03");
    expect(stopwatch(51 * 3_600_000)).toBe("2 d 3 h");
    expect(stopwatch(-5)).toBe("0:00");
  });

  it("are said in the largest unit that fits", () => {
    expect(relative(27 * 60_000, 0, "en")).toBe("in 27 min.");
    expect(relative(-3 * 3_600_000, 0, "de")).toBe("vor 3 Std.");
  });

  it("are short where there is little room", () => {
    expect(roughly(26.7 * 60_000, "en")).toBe("27 min");
    expect(roughly(24 * 3_600_000, "de")).toBe("24 Std.");
    expect(roughly(-1, "en")).toBe("0 sec");
  });

  it("of settings are said in words", () => {
    expect(span(900, "en")).toBe("15 minutes");
    expect(span(14_400, "de")).toBe("4 Stunden");
    expect(span(604_800, "en")).toBe("7 days");
  });
});

describe("formats", () => {
  it("follow the reader's region where it speaks the console's language", () => {
    expect(regional("en", ["de-DE", "en-GB", "en-US"])).toBe("en-GB");
    expect(regional("de", ["en-GB"])).toBe("de");
  });
});
