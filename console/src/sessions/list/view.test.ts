import { describe, expect, it } from "vitest";

import type { Session } from "../../api/types";
import { sampleSession } from "../sample";
import { belongs, compare, flatten, HOME, SORTS, withoutSession, withSession, type ListView, type SessionPage } from "./view";

const ME = "7";
const view = (changes: Partial<ListView> = {}): ListView => ({ channel: "10", status: "open", q: "", sort: "created", ...changes });
const at = (minute: number) => `2026-11-21T22:${String(minute).padStart(2, "0")}:00Z`;
const session = (id: string, minute: number, changes: Partial<Session> = {}) => sampleSession({ id, created_at: at(minute), ...changes });
const pages = (...contents: [items: Session[], next: string | null][]) => ({
  pages: contents.map(([items, next_cursor]): SessionPage => ({ items, next_cursor, total: 10 })),
  pageParams: contents.map(() => undefined),
});
const ids = (data: ReturnType<typeof pages>) => flatten(data).map((one) => one.id);

describe("a session belongs to a list", () => {
  it("of its channel, with a status that is shown", () => {
    expect(belongs(session("1", 0), view(), ME)).toBe(true);
    expect(belongs(session("1", 0, { status: "closed" }), view(), ME)).toBe(false);
    expect(belongs(session("1", 0, { status: "closed" }), view({ status: "closed" }), ME)).toBe(true);
    expect(belongs(session("1", 0), view({ channel: "11" }), ME)).toBe(false);
  });

  it("of Home only while it is assigned to me", () => {
    expect(belongs(session("1", 0), view({ channel: HOME }), ME)).toBe(true);
    expect(belongs(session("1", 0), view({ channel: HOME }), "8")).toBe(false);
  });

  it("whose search finds its name, note, computer or technician", () => {
    const one = session("1", 0, { note: "Mail signature" });
    for (const q of ["lorenz", "SIGNATURE", "hartmann"]) expect(belongs(one, view({ q }), ME), q).toBe(true);
    expect(belongs(one, view({ q: "printer" }), ME)).toBe(false);
  });

  it("whose search finds its computer's user and addresses, and what the end user wrote", () => {
    const device = {
      host_name: "desk-7",
      os: "linux",
      os_name: "Debian",
      os_version: "12",
      cpu: "",
      cpu_cores: 4,
      memory_mb: 8192,
      user_name: "rosa",
      local_addresses: ["192.168.1.20", "fe80::7"],
      public_address: "203.0.113.9",
      displays: [],
      agent_version: "0.1.0",
      language: "en",
    };
    const request = { call: "Help", issue: "the invoice does not print", answers: [{ kind: "issue" as const, label: "", value: "the invoice does not print" }] };
    const one = session("1", 0, { device, request });
    for (const q of ["Rosa", "192.168.1.20", "FE80::7", "203.0.113", "Invoice", " desk-7 "]) expect(belongs(one, view({ q }), ME), q).toBe(true);
    for (const q of ["debian", "invoices"]) expect(belongs(one, view({ q }), ME), q).toBe(false);
  });
});

describe("a live event", () => {
  it("puts a new session in its place", () => {
    const list = pages([[session("3", 30), session("1", 10)], null]);
    const after = withSession(list, session("2", 20), view(), ME);
    expect(ids(after as never)).toEqual(["3", "2", "1"]);
    expect(after.pages[0]?.total).toBe(11);
  });

  it("replaces a session that is shown already", () => {
    const list = pages([[session("2", 20), session("1", 10)], null]);
    const after = withSession(list, session("1", 10, { name: "Herr Keller" }), view(), ME);
    expect(flatten(after).map((one) => one.name)).toEqual(["Frau Lorenz", "Herr Keller"]);
    expect(after.pages[0]?.total).toBe(10);
  });

  it("takes a session out that no longer belongs", () => {
    const list = pages([[session("2", 20), session("1", 10)], null]);
    expect(ids(withSession(list, session("2", 20, { status: "closed" }), view(), ME) as never)).toEqual(["1"]);
    expect(ids(withoutSession(list, "1") as never)).toEqual(["2"]);
  });

  it("leaves lists alone that it does not concern", () => {
    const list = pages([[session("2", 20)], null]);
    expect(withSession(list, session("1", 10, { channel: { id: "11", name: "Other" } }), view(), ME)).toBe(list);
    expect(withoutSession(list, "9")).toBe(list);
  });

  it("does not append what the next page will bring", () => {
    const list = pages([[session("3", 30), session("2", 20)], "cursor"]);
    expect(ids(withSession(list, session("1", 10), view(), ME) as never)).toEqual(["3", "2"]);
    expect(ids(withSession(list, session("4", 40), view(), ME) as never)).toEqual(["4", "3", "2"]);
  });
});

describe("every order", () => {
  const some = [
    session("1", 10, { status: "active", name: "b", waiting_since: null, expires_at: at(50) }),
    session("2", 20, { status: "in_queue", name: "A", waiting_since: at(20), expires_at: at(59) }),
    session("3", 30, { status: "waiting", name: "c", waiting_since: at(15), expires_at: at(40) }),
  ];
  it.each([
    ["created", ["3", "2", "1"]],
    ["waiting", ["3", "2", "1"]],
    ["expires", ["3", "1", "2"]],
    ["name", ["2", "1", "3"]],
    ["status", ["2", "1", "3"]],
  ] as const)("%s", (sort, expected) => {
    expect([...some].sort((a, b) => compare(a, b, sort)).map((one) => one.id)).toEqual(expected);
  });

  it("is total: two sessions never tie", () => {
    for (const sort of SORTS) expect(compare(session("1", 10), session("2", 10), sort)).not.toBe(0);
  });
});
