import { beforeAll, describe, expect, it } from "vitest";

import type { AuditPart } from "../api/types";
import i18n, { speak } from "../texts";
import { aboutWords } from "./about";

const words = (...parts: AuditPart[]) => aboutWords(parts, i18n.t, i18n);
const tom: AuditPart = { is: "name", text: "Tom Owner" };

describe("what a record says beside its action", () => {
  beforeAll(() => speak("en"));

  it("names roles and permissions in words, and leaves names alone", () => {
    expect(words(tom, { is: "role", role: "channel_manager" })).toBe("Tom Owner · Channel manager");
    expect(words(tom, { is: "permission", permission: "session.take", setting: "off" })).toBe("Tom Owner · Take sessions from the queue: Off");
    expect(words(tom, { is: "word", text: "joined" })).toBe("Tom Owner · joined");
  });

  it("says that something was removed, never its number", () => {
    expect(words({ is: "gone", kind: "channel" })).toBe("a removed channel");
  });

  it("reads rights, and shows a word without a text as itself", () => {
    expect(words(tom, { is: "word", text: "control" })).toBe("Tom Owner · See the screen and control it");
    expect(words({ is: "word", text: "in_a_row:2" })).toBe("");
    expect(words({ is: "word", text: "something:new" })).toBe("something:new");
  });

  it("says which settings of the gateway became what", () => {
    expect(words({ is: "word", text: "organisation:Harbour\u{a0}IT" })).toBe("Organisation’s name: Harbour\u{a0}IT");
    expect(words({ is: "word", text: "sign_in_s:7200" }, { is: "word", text: "default_rights:view" })).toBe("Technicians stay signed in for: 2 hours · Ask for, unless chosen otherwise: See the screen");
    expect(words({ is: "word", text: "verification:compare" })).toBe("Verification code: Both compare");
  });

  it("speaks the reader's language", async () => {
    await speak("de");
    expect(words({ is: "role", role: "channel_manager" })).toBe("Kanalleitung");
  });
});
