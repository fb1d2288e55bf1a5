// Where a session stands on its way, and the one sentence that says what comes next. Pure.
import type { Session } from "../../api/types";

/** The four stations from invite to help. */
export const STATIONS = ["invited", "started", "allowed", "connected"] as const;

export type NextStepKey =
  | "invite"
  | "inviteAgain"
  | "gone"
  | "ask"
  | "stopped"
  | "asking"
  | "rejected"
  | "rejectedFinally"
  | "unanswered"
  | "connect"
  | "connected"
  | "paused"
  | "lost"
  | "take"
  | "expired"
  | "closed";

/** How a station is named: what is still to do, what goes on there now, or that it is behind us. */
export type StationState = "open" | "now" | "done";

/** `index`: of the station. Only a question that the end user sees is going on; everything else waits for somebody to do it. */
export function stationState({ key, reached }: NextStep, index: number): StationState {
  if (index < reached) return "done";
  return index === reached && (key === "asking" || key === "invite" || key === "inviteAgain" || key === "gone") ? "now" : "open";
}

export interface NextStep {
  key: NextStepKey;
  /** How many stations are behind us; 0 to 4. */
  reached: number;
}

export function nextStep(session: Session): NextStep {
  const { kind, agent, paused, stopped, left } = session.sub_state;
  if (session.status === "closed") return { key: "closed", reached: 0 };
  if (session.status === "expired") return { key: "expired", reached: 0 };
  if (session.status === "in_queue") return { key: "take", reached: agent === "here" ? 2 : 1 };
  if (agent === "lost") return { key: "lost", reached: 1 };
  switch (kind) {
    case "offline":
      return { key: left ? "inviteAgain" : session.device ? "gone" : "invite", reached: 1 };
    case "ready":
      return { key: stopped ? "stopped" : "ask", reached: 2 };
    case "asking":
      return { key: "asking", reached: 2 };
    case "rejected":
    case "unanswered":
      return { key: session.technicians.some((one) => one.consent === kind && !one.reject_until) ? "rejectedFinally" : kind, reached: 2 };
    case "granted":
      return { key: paused ? "paused" : "connect", reached: 3 };
    case "connected":
      return { key: paused ? "paused" : "connected", reached: 4 };
  }
}
