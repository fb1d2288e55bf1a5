import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";

import { newestHere, sessionsQuery } from "../api/queries";
import { sampleSession } from "../sessions/sample";
import { flatten, type ListView } from "../sessions/list/view";
import { applySession, applySessionGone } from "./apply";
import { changeFor } from "./change";
import { Journal, journal } from "./journal";

const VIEW: ListView = { channel: "10", status: "open", q: "", sort: "created" };

function loaded(...names: string[]) {
  const client = new QueryClient();
  const items = names.map((name, index) => sampleSession({ id: String(index + 1), name }));
  client.setQueryData(sessionsQuery(VIEW).queryKey, { pages: [{ items, next_cursor: null, total: items.length }], pageParams: [undefined] });
  return { client, shown: () => flatten(client.getQueryData(sessionsQuery(VIEW).queryKey)).map((one) => one.name) };
}

describe("a live event", () => {
  it("is in the list at once", () => {
    const { client, shown } = loaded("one");
    applySession(client, sampleSession({ id: "1", name: "one, renamed" }));
    expect(shown()).toEqual(["one, renamed"]);
    applySessionGone(client, "1");
    expect(shown()).toEqual([]);
  });
});

describe("an answer that was on its way", () => {
  it("does not overwrite an event that came after it was asked for", () => {
    let now = 0;
    const journal = new Journal(() => now);
    const old = sampleSession({ name: "old" });
    const fresh = sampleSession({ name: "fresh" });
    const asked = journal.now();
    now = 5;
    journal.record(fresh);
    expect(journal.newest(old, asked).name).toBe("fresh");
    now = 6;
    expect(journal.newest(old, journal.now()).name).toBe("old");
  });

  it("does not bring back what an event took out of the list meanwhile", () => {
    const asked = journal.now();
    const old = sampleSession({ id: "77", status: "waiting" });
    const view = { ...VIEW, channel: old.channel.id };
    expect(newestHere(old, asked, view, "")).toEqual([old]);
    journal.record(sampleSession({ id: "77", status: "closed" }));
    expect(newestHere(old, asked, view, "")).toEqual([]);
  });

  it("is forgotten after a while", () => {
    let now = 0;
    const journal = new Journal(() => now);
    journal.record(sampleSession({ id: "1", name: "fresh" }));
    now = 60_000;
    journal.record(sampleSession({ id: "2" }));
    expect(journal.newest(sampleSession({ id: "1", name: "old" }), 0).name).toBe("old");
  });
});

describe("what is announced", () => {
  const me = "7";
  const mine = (consent: "idle" | "asking" | "granted" | "connected" | "rejected" | "unanswered", agent: "away" | "here" = "here") => {
    const session = sampleSession({ status: agent === "here" ? "active" : "waiting" });
    return { ...session, sub_state: { ...session.sub_state, agent }, technicians: session.technicians.map((one) => ({ ...one, consent })) };
  };

  it("is the end user's answer to my request", () => {
    expect(changeFor(me, mine("asking"), mine("granted"))).toBe("granted");
    expect(changeFor(me, mine("asking"), mine("rejected"))).toBe("rejected");
    expect(changeFor(me, mine("asking"), mine("unanswered"))).toBe("unanswered");
    expect(changeFor("8", mine("asking"), mine("granted"))).toBeNull();
  });

  it("is that they paused, went on, lowered or stopped", () => {
    const can = (rights: "view" | "control", paused = false) => {
      const one = mine("connected");
      return { ...one, sub_state: { ...one.sub_state, paused }, technicians: one.technicians.map((technician) => ({ ...technician, rights })) };
    };
    const stopped = mine("idle");
    const after = { ...stopped, technicians: stopped.technicians.map((technician) => ({ ...technician, stopped: true })) };
    expect(changeFor(me, can("control"), can("control", true))).toBe("paused");
    expect(changeFor(me, can("control", true), can("control"))).toBe("resumed");
    expect(changeFor(me, can("control"), can("view"))).toBe("lowered");
    expect(changeFor(me, can("control"), after)).toBe("stopped");
    expect(changeFor(me, after, after)).toBeNull();
  });

  it("is that they started the app or left", () => {
    expect(changeFor(me, mine("idle", "away"), mine("idle"))).toBe("started");
    const away = mine("idle", "away");
    expect(changeFor(me, mine("idle"), { ...away, sub_state: { ...away.sub_state, left: true } })).toBe("left");
    expect(changeFor(me, mine("idle"), away)).toBe("lost");
    expect(changeFor(me, mine("idle"), mine("idle"))).toBeNull();
  });
});
