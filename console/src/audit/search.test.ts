// The audit's filter: from an address and to the gateway.
import { describe, expect, it } from "vitest";

import { asked, readAuditSearch, since } from "./search";

describe("the audit's address", () => {
  it("keeps what is known and leaves out the rest", () => {
    const read = readAuditSearch({ q: 4711, who: "end_user", what: "", period: "week", page: 3 });
    expect(read).toEqual({ q: "4711", who: "end_user", period: "week" });
    expect(readAuditSearch({ period: "all" })).toEqual({});
  });

  it("becomes what the gateway is asked for", () => {
    const noon = new Date(2026, 10, 22, 12, 0);
    expect(since("today", noon)).toBe(new Date(2026, 10, 22).toISOString());
    expect(since("week", noon)).toBe(new Date(2026, 10, 16).toISOString());
    expect(asked({ who: "technician:7", what: "closed" }, noon)).toMatchObject({ actor: "technician:7", action: "closed", since: undefined });
  });
});
