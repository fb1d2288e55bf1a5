// The sub-state of a session in words: which sentence, with which numbers. Pure, so that a test can walk all of them.
import type { Session } from "../api/types";
import { stopwatch } from "../parts/moments";

export type SubStateKey =
  | "offline"
  | "left"
  | "lost"
  | "ready"
  | "stopped"
  | "asking"
  | "askingFor"
  | "rejected"
  | "rejectedFor"
  | "rejectedFinally"
  | "unanswered"
  | "unansweredFor"
  | "unansweredFinally"
  | "grantedView"
  | "grantedControl"
  | "connected"
  | "connectedMany"
  | "paused";

export interface SubStateWords {
  key: SubStateKey;
  count: number;
  left: string;
}

/** Null where the status alone says everything. */
export function subStateWords(session: Session, now: number): SubStateWords | null {
  if (session.status === "closed" || session.status === "expired") return null;
  const { kind, rights, count, agent, paused, stopped, left } = session.sub_state;
  const words = (key: SubStateKey, until?: string | null): SubStateWords => ({ key, count, left: until ? stopwatch(Date.parse(until) - now) : "" });

  if (agent === "lost") return words("lost");
  switch (kind) {
    case "offline":
      return words(left ? "left" : "offline");
    case "ready":
      return words(stopped ? "stopped" : "ready");
    case "asking": {
      const until = session.technicians.find((one) => one.consent === "asking")?.asks_left_until;
      return until ? words("askingFor", until) : words("asking");
    }
    case "rejected":
    case "unanswered":
      return refused(kind, session, now, words);
    case "granted":
      if (paused) return words("paused");
      return words(rights === "control" ? "grantedControl" : "grantedView");
    case "connected":
      if (paused) return words("paused");
      return words(count > 1 ? "connectedMany" : "connected");
  }
}

function refused(kind: "rejected" | "unanswered", session: Session, now: number, words: (key: SubStateKey, until?: string | null) => SubStateWords) {
  const until = session.technicians.find((one) => one.consent === kind)?.reject_until;
  if (!until) return words(`${kind}Finally`);
  return Date.parse(until) > now ? words(`${kind}For`, until) : words(kind);
}
