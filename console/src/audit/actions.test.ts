// Every word that the gateway writes into the audit can be filtered for and has a text.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";

import i18n, { speak } from "../texts";
import { ACTIONS, actionWords } from "./actions";

const GATEWAY = join(import.meta.dirname, "../../../gateway/src");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return path.endsWith(".rs") ? [readFileSync(path, "utf8")] : [];
  });
}

/** Where records are made: by name, in a record's field, and for what happens in a session. */
function written(): string[] {
  const all = sources(GATEWAY).flatMap((source) => [...source.matchAll(/(?:\b(?:entry|own|by|about|open_session)\([^"()]{0,60}|\baction: )"([a-z_]+)"/g)]);
  const happenings = [...readFileSync(join(GATEWAY, "desk/audit.rs"), "utf8").matchAll(/\(\s*"([a-z_]+)",/g)];
  return [...new Set([...all, ...happenings].map((match) => match[1] ?? ""))];
}

describe("the audit's words", () => {
  beforeAll(() => speak("en"));

  it("are all known to the filter", () => {
    const words = written();
    expect(words.length).toBeGreaterThan(45);
    expect(words.filter((word) => !ACTIONS.some((one) => one === word))).toEqual([]);
  });

  it("all have a text", () => {
    const bare = ACTIONS.filter((one) => !i18n.exists(`audit.does.${one}`) && !i18n.exists(`history.${one}`));
    expect(bare).toEqual([]);
    expect(actionWords("something_new", i18n.t, i18n)).toBe("something new");
  });
});
