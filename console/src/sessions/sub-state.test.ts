import { describe, expect, it } from "vitest";

import type { Session, SessionTechnician, SubState } from "../api/types";
import { nextStep, STATIONS, stationState } from "./details/next-step";
import { sampleSession } from "./sample";
import { primaryAction } from "./actions/primary";
import { subStateWords } from "./sub-state";

const NOW = Date.parse("2026-11-21T22:00:00Z");
const inSeconds = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();

function active(sub: Partial<SubState>, technician: Partial<SessionTechnician> = {}): Session {
  const base = sampleSession({ status: "active" });
  const [first] = base.technicians;
  return { ...base, sub_state: { ...base.sub_state, agent: "here", ...sub }, technicians: first ? [{ ...first, ...technician }] : [] };
}

describe("the sub-state in words", () => {
  it("counts down while the end user is asked", () => {
    const asking = active({ kind: "asking" }, { consent: "asking", asks_left_until: inSeconds(24) });
    expect(subStateWords(asking, NOW)).toMatchObject({ key: "askingFor", left: "0:24" });
  });

  it("says when asking again is possible, and when only the end user can", () => {
    const rejected = (reject_until: string | null) => active({ kind: "rejected" }, { consent: "rejected", reject_until });
    expect(subStateWords(rejected(inSeconds(4)), NOW)?.key).toBe("rejectedFor");
    expect(subStateWords(rejected(inSeconds(-1)), NOW)?.key).toBe("rejected");
    expect(subStateWords(rejected(null), NOW)?.key).toBe("rejectedFinally");
  });

  it("does not call it rejected when nobody answered in time", () => {
    const unanswered = (reject_until: string | null) => active({ kind: "unanswered" }, { consent: "unanswered", reject_until });
    expect(subStateWords(unanswered(inSeconds(4)), NOW)?.key).toBe("unansweredFor");
    expect(subStateWords(unanswered(inSeconds(-1)), NOW)?.key).toBe("unanswered");
    expect(subStateWords(unanswered(null), NOW)?.key).toBe("unansweredFinally");
    expect(nextStep(unanswered(inSeconds(4)))).toEqual({ key: "unanswered", reached: 2 });
  });

  it("tells what was granted, a pause, and a lost connection", () => {
    expect(subStateWords(active({ kind: "granted", rights: "control" }), NOW)?.key).toBe("grantedControl");
    expect(subStateWords(active({ kind: "granted", rights: "view" }), NOW)?.key).toBe("grantedView");
    expect(subStateWords(active({ kind: "connected", rights: "control", count: 2 }), NOW)?.key).toBe("connectedMany");
    expect(subStateWords(active({ kind: "connected", rights: "control", count: 1, paused: true }), NOW)?.key).toBe("paused");
    expect(subStateWords(active({ kind: "connected", rights: "control", agent: "lost" }), NOW)?.key).toBe("lost");
  });

  it("tells a stop and a leaving from what just ended", () => {
    expect(subStateWords(active({ kind: "ready" }), NOW)?.key).toBe("ready");
    expect(subStateWords(active({ kind: "ready", stopped: true }), NOW)?.key).toBe("stopped");
    expect(nextStep(active({ kind: "ready", stopped: true }))).toEqual({ key: "stopped", reached: 2 });
    const away = (left: boolean) => subStateWords({ ...active({ kind: "offline", agent: "away", left }), status: "waiting" }, NOW)?.key;
    expect([away(true), away(false)]).toEqual(["left", "offline"]);
  });

  it("is silent where the status says everything", () => {
    expect(subStateWords(sampleSession({ status: "closed" }), NOW)).toBeNull();
    expect(subStateWords(sampleSession({ status: "expired" }), NOW)).toBeNull();
  });
});

describe("the next action", () => {
  it("turns from asking to connecting when the end user allows", () => {
    expect(primaryAction(active({ kind: "ready" }))).toBeNull();
    expect(primaryAction({ ...active({ kind: "ready" }), actions: ["ask", "copy_link", "close"] })).toBe("ask");
    expect(primaryAction({ ...active({ kind: "asking" }), actions: ["withdraw", "copy_link"] })).toBe("withdraw");
    expect(primaryAction({ ...active({ kind: "granted" }), actions: ["connect", "ask", "copy_link"] })).toBe("connect");
  });

  it("offers the link only while nobody is there", () => {
    expect(primaryAction(sampleSession({ actions: ["copy_link", "close"] }))).toBe("copy_link");
    expect(primaryAction({ ...active({ kind: "ready" }), actions: ["copy_link", "close"] })).toBeNull();
  });
});

describe("the next step", () => {
  it("leads from invite to help", () => {
    expect(nextStep(sampleSession())).toEqual({ key: "invite", reached: 1 });
    expect(nextStep(active({ kind: "ready" }))).toEqual({ key: "ask", reached: 2 });
    expect(nextStep(active({ kind: "granted", rights: "view" }))).toEqual({ key: "connect", reached: 3 });
    expect(nextStep(active({ kind: "connected", rights: "view" }))).toEqual({ key: "connected", reached: 4 });
    expect(nextStep(sampleSession({ status: "closed" })).key).toBe("closed");
    expect(nextStep(sampleSession({ status: "in_queue", technicians: [] })).key).toBe("take");
  });

  it("calls a station done only when it is", () => {
    const states = (session: Session) => STATIONS.map((_, index) => stationState(nextStep(session), index));
    expect(states(sampleSession())).toEqual(["done", "now", "open", "open"]);
    expect(states(active({ kind: "ready" }))).toEqual(["done", "done", "open", "open"]);
    expect(states(active({ kind: "asking" }))).toEqual(["done", "done", "now", "open"]);
    expect(states(active({ kind: "granted", rights: "view" }))).toEqual(["done", "done", "done", "open"]);
    expect(states(active({ kind: "connected", rights: "view" }))).toEqual(["done", "done", "done", "done"]);
  });
});
