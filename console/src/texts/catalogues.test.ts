// Every language says everything English says, with the same places for names and numbers; and no key in the code is missing.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const TEXTS = import.meta.dirname;
const SOURCE = join(TEXTS, "..");

type Catalogue = { [key: string]: string | Catalogue };

const languages = readdirSync(TEXTS)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.replace(".json", ""));
const read = (language: string): Map<string, string> => new Map(flat(JSON.parse(readFileSync(join(TEXTS, `${language}.json`), "utf8")) as Catalogue));
const english = read("en");

function flat(catalogue: Catalogue, before = ""): [string, string][] {
  return Object.entries(catalogue).flatMap(([key, value]): [string, string][] => (typeof value === "string" ? [[before + key, value]] : flat(value, `${before}${key}.`)));
}

const places = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

/** `count_one` and `count_other` are one key to the code; other languages may have more or fewer forms. */
const base = (key: string) => key.replace(/_(zero|one|two|few|many|other)$/, "");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.tsx?$/.test(entry.name) && !/\.(test|d)\.tsx?$/.test(entry.name) ? [readFileSync(path, "utf8")] : [];
  });
}

describe.each(languages)("%s", (language) => {
  const texts = read(language);

  it("has every text that English has, and no other", () => {
    const keys = (map: Map<string, string>) => [...new Set([...map.keys()].map(base))].sort();
    expect(keys(texts)).toEqual(keys(english));
  });

  it("has the plural forms its grammar needs", () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const plural = [...english.keys()].filter((key) => key !== base(key)).map(base);
    const missing = [...new Set(plural)].flatMap((key) => forms.filter((form) => !texts.has(`${key}_${form}`)).map((form) => `${key}_${form}`));
    expect(missing).toEqual([]);
  });

  it("leaves nothing unsaid and keeps the places for names and numbers", () => {
    for (const [key, text] of texts) {
      const original = english.get(key);
      if (original === undefined) continue;
      expect(text.trim() === "", key).toBe(original === "");
      expect(places(text), key).toEqual(places(original));
    }
  });
});

describe("the code", () => {
  it("asks only for texts that exist", () => {
    const known = new Set([...english.keys()].map(base));
    const asked = sources(SOURCE).flatMap((source) => [...source.matchAll(/\bt\(\s*"([\w.]+)"/g)].map((match) => match[1] ?? ""));
    expect(asked.length).toBeGreaterThan(100);
    expect([...new Set(asked)].filter((key) => !known.has(key))).toEqual([]);
  });
});
