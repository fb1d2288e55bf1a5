import { expect, test } from "vitest";

import { extensions } from "./extend";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const HOUR = 3_600_000;

test("every choice says until when the session lasts then", () => {
  const offered = extensions(new Date(NOW + HOUR).toISOString(), NOW);
  expect(offered.map((one) => one.seconds)).toEqual([900, 1800, 3600, 14_400, 28_800, 86_400, 259_200, 604_800]);
  expect(offered[2]).toEqual({ seconds: 3600, until: NOW + 2 * HOUR });
});

test("what has expired lasts from now on", () => {
  const [first] = extensions(new Date(NOW - 5 * HOUR).toISOString(), NOW);
  expect(first).toEqual({ seconds: 900, until: NOW + HOUR / 4 });
});

test("nothing lasts longer than a week from now, and choices that come to the same are offered once", () => {
  const week = NOW + 168 * HOUR;
  const offered = extensions(new Date(week - HOUR).toISOString(), NOW);
  expect(offered.map((one) => one.until)).toEqual([week - (3 * HOUR) / 4, week - HOUR / 2, week]);
  expect(extensions(new Date(week).toISOString(), NOW)).toEqual([]);
});
