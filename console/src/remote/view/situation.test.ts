// There is always a word for what is going on.

import { describe, expect, it } from "vitest";

import type { Session } from "../../api/types";
import { FORMAT } from "../wire/update";
import { NOTHING, type Phase, type Snapshot, hasControls } from "../client/snapshot";
import type { RemoteState } from "../wire/generated";
import { isMeasured, situationOf } from "./situation";

const STATE: RemoteState = {
  rights: { view: true, control: true },
  consent: "granted",
  agent: "here",
  paused: false,
  screen: "live",
  controller: 0,
  technicians: [],
  request: null,
  host_name: "pc",
  stopped: false,
  left: false,
};

function joined(state: Partial<RemoteState>, more: Partial<Snapshot> = {}): Snapshot {
  return { ...NOTHING, phase: { kind: "joined" }, slot: 0, state: { ...STATE, ...state }, hasPicture: true, ...more };
}

function session(consent: string, more: object = {}): Session {
  const sub_state = { kind: "ready", rights: null, count: 0, agent: "here", paused: false };
  return {
    status: "active",
    sub_state,
    technicians: [{ id: "7", consent }],
    actions: [],
    ...more,
  } as unknown as Session;
}

describe("a joined viewer", () => {
  const none = { view: false, control: false };
  it.each([
    [joined({}), "live"],
    [joined({ agent: "away" }), "offline"],
    [joined({ agent: "away", left: true }), "left"],
    [joined({ agent: "lost" }), "lost"],
    [joined({ consent: "asking", rights: none }), "asking"],
    [joined({ consent: "asking", rights: { view: true, control: false } }), "live"],
    [joined({ consent: "rejected", rights: none }), "rejected"],
    [joined({ consent: "unanswered", rights: none }), "unanswered"],
    [joined({ consent: "idle", rights: none }), "ready"],
    [joined({ consent: "idle", rights: none, stopped: true }), "stopped"],
    [joined({ consent: "asking", rights: none, stopped: true }), "asking"],
    [joined({ paused: true }), "paused"],
    [joined({ screen: "locked" }), "locked"],
    [joined({ screen: "changing" }), "changing"],
    [joined({ screen: "unavailable" }), "unavailable"],
    [joined({}, { isStalled: true }), "stalled"],
    [joined({}, { hasPicture: false }), "waiting_picture"],
    [joined({}, { hasPicture: false, otherForm: FORMAT + 1 }), "version"],
    [joined({}, { otherForm: 0 }), "old_agent"],
    [joined({ paused: true }, { otherForm: 0 }), "paused"],
  ])("is told why (%#)", (snapshot, expected) => {
    expect(situationOf(snapshot, undefined, "7")).toBe(expected);
  });
});

describe("whose doing it was", () => {
  const none = { view: false, control: false };
  it("is told when the end user pressed Stop, with a connection and without", () => {
    const stopped = session("idle", { technicians: [{ id: "7", consent: "idle", stopped: true }] });
    expect(situationOf(joined({ consent: "idle", rights: none }), stopped, "7")).toBe("stopped");
    expect(situationOf(NOTHING, stopped, "7")).toBe("stopped");
    // Somebody else's grant was stopped, not mine.
    const other = session("idle", { technicians: [{ id: "7", consent: "idle" }, { id: "8", consent: "idle", stopped: true }] });
    expect(situationOf(NOTHING, other, "7")).toBe("ready");
  });

  it("is told when the end user left on purpose", () => {
    const sub_state = { kind: "offline", rights: null, count: 0, agent: "away", paused: false };
    const away = (left: boolean) => session("idle", { sub_state: { ...sub_state, left } });
    expect(situationOf(joined({ agent: "away" }), away(true), "7")).toBe("left");
    expect(situationOf(joined({ agent: "away" }), away(false), "7")).toBe("offline");
  });

  it("only a picture that comes is measured", () => {
    expect((["live", "stalled", "paused", "stopped", "reconnecting", "offline"] as const).filter(isMeasured)).toEqual(["live", "stalled"]);
  });
});

describe("a viewer without a connection", () => {
  it.each<[Phase, string]>([
    [{ kind: "connecting" }, "connecting"],
    [{ kind: "reconnecting", at: 0, attempt: 1 }, "reconnecting"],
    [{ kind: "ended", reason: "removed" }, "removed"],
    [{ kind: "ended", reason: "replaced" }, "replaced"],
    [{ kind: "refused", reason: { t: "version", min: 2, max: 2 } }, "version"],
    [{ kind: "refused", reason: { t: "over" } }, "closed"],
    [{ kind: "unsupported" }, "unsupported"],
  ])("is told why (%#)", (phase, expected) => {
    expect(situationOf({ ...NOTHING, phase }, undefined, "7")).toBe(expected);
  });

  it.each([
    [session("idle"), "ready"],
    [session("asking"), "asking"],
    [session("rejected"), "rejected"],
    [session("unanswered"), "unanswered"],
    [session("granted"), "connecting"],
    [session("idle", { sub_state: { agent: "away" } }), "offline"],
    [session("idle", { status: "closed" }), "closed"],
    [session("idle", { status: "expired" }), "expired"],
  ])("knows the session (%#)", (known, expected) => {
    expect(situationOf(NOTHING, known, "7")).toBe(expected);
  });

  it("is told when the session was deleted, or taken away and given back", () => {
    expect(situationOf(NOTHING, "gone", "7")).toBe("not_mine");
    const removed: Snapshot = { ...NOTHING, phase: { kind: "ended", reason: "removed" } };
    expect(situationOf(removed, session("idle"), "7")).toBe("removed");
    expect(situationOf(removed, session("idle", { actions: ["ask"] }), "7")).toBe("ready");
  });

  it("sees when the session is somebody else's", () => {
    expect(situationOf(NOTHING, session("granted"), "8")).toBe("not_mine");
  });
});

describe("the controls", () => {
  it("are mine only with the right, in my slot, while the picture may come", () => {
    expect(hasControls(joined({}))).toBe(true);
    expect(hasControls(joined({ controller: 1 }))).toBe(false);
    expect(hasControls(joined({ paused: true }))).toBe(false);
    expect(hasControls(joined({ rights: { view: true, control: false } }))).toBe(false);
    expect(hasControls({ ...joined({}), phase: { kind: "reconnecting", at: 0, attempt: 1 } })).toBe(false);
  });
});
