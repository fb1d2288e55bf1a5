import { describe, expect, it } from "vitest";

import { keepMine, merge, takeTheirs } from "./merge";

const base = { name: "Helpdesk", max: 500, skills: ["sap"] };

describe("a form's draft beside what others save", () => {
  it("shows what is saved while nothing is typed", () => {
    expect(merge(undefined, base)).toEqual({ value: base, mine: [], conflicts: [] });
  });

  it("keeps mine, takes theirs where I did nothing, and sends only mine", () => {
    const merged = merge({ base, typed: { ...base, name: "IT" } }, { ...base, max: 20, skills: [] });
    expect(merged).toEqual({ value: { name: "IT", max: 20, skills: [] }, mine: ["name"], conflicts: [] });
  });

  it("leaves to me what both changed", () => {
    const draft = { base, typed: { ...base, name: "IT", max: 7 } };
    const saved = { ...base, name: "Service" };
    expect(merge(draft, saved)).toMatchObject({ conflicts: ["name"], mine: ["name", "max"] });
    expect(merge(keepMine(draft, saved), saved)).toEqual({ value: { ...base, name: "IT", max: 7 }, mine: ["name", "max"], conflicts: [] });
    expect(merge(takeTheirs(draft, saved), saved)).toEqual({ value: { ...saved, max: 7 }, mine: ["max"], conflicts: [] });
  });

  it("sees no conflict where both came to the same, or one went back", () => {
    expect(merge({ base, typed: { ...base, max: 7 } }, { ...base, max: 7 })).toMatchObject({ mine: [], conflicts: [] });
    expect(merge({ base, typed: { ...base } }, { ...base, max: 7 })).toMatchObject({ value: { max: 7 }, mine: [], conflicts: [] });
  });
});
