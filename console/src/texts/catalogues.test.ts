// Every language says everything English says, with the same places for names and numbers; no key in the code is missing, and no text
// is there that nobody asks for.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";

import { LANGUAGES } from ".";

const TEXTS = import.meta.dirname;
const SOURCE = join(TEXTS, "..");

type Catalogue = { [key: string]: string | Catalogue };

const files = (language: string) => readdirSync(join(TEXTS, language)).filter((file) => file.endsWith(".json"));
const read = (language: string): Map<string, string> =>
  new Map(files(language).flatMap((file) => flat(JSON.parse(readFileSync(join(TEXTS, language, file), "utf8")) as Catalogue, `${basename(file, ".json")}.`)));
const english = read("en");

function flat(catalogue: Catalogue, before: string): [string, string][] {
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

describe.each(LANGUAGES)("%s", (language) => {
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

  it("calls the app by one name (docs/words.md)", () => {
    const others = [...texts].filter(([, text]) => /\bagent(en|s|e|es|u)?\b|\bprogram|エージェント|プログラム/i.test(text));
    expect(others).toEqual([]);
  });

  it("leaves nothing unsaid and keeps the places for names and numbers", () => {
    for (const [key, text] of texts) {
      const original = english.get(key) ?? english.get(`${base(key)}_other`);
      if (original === undefined) continue;
      expect(text.trim() === "", key).toBe(original === "");
      expect(places(text), key).toEqual(places(original));
    }
  });
});

describe("the code", () => {
  const code = sources(SOURCE);

  it("asks only for texts that exist", () => {
    const known = new Set([...english.keys()].map(base));
    const asked = code.flatMap((source) => [...source.matchAll(/\bt\(\s*"([\w.]+)"/g)].map((match) => match[1] ?? ""));
    expect(asked.length).toBeGreaterThan(100);
    expect([...new Set(asked)].filter((key) => !known.has(key))).toEqual([]);
  });

  it("asks for every text there is", () => {
    const quoted = new Set(code.flatMap((source) => [...source.matchAll(/"([\w.]+)"/g)].map((match) => match[1] ?? "")));
    const composed = code.flatMap((source) => [...source.matchAll(/`([\w.]*\.[\w.]*)\$\{[^`]*?\}([\w.]*)`/g)].map((match) => new RegExp(`^${match[1]}\\w+${match[2]}$`)));
    const unused = [...new Set([...english.keys()].map(base))].filter((key) => !quoted.has(key) && !composed.some((pattern) => pattern.test(key)));
    expect(unused).toEqual([]);
  });
});
