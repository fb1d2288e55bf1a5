// What changed for me between two states of a session, if it is worth saying. Pure.
import type { Session, SessionTechnician } from "../api/types";

export type Change = "started" | "granted" | "rejected" | "unanswered" | "paused" | "resumed" | "lowered" | "stopped" | "left" | "lost";

export function changeFor(me: string, before: Session, after: Session): Change | null {
  const mine = (session: Session) => session.technicians.find((one) => one.id === me);
  const was = mine(before);
  const is = mine(after);
  if (!is) return null;
  if (was?.consent === "asking" && is.consent === "granted") return "granted";
  if (was?.consent === "asking" && (is.consent === "rejected" || is.consent === "unanswered")) return is.consent;
  if (!was?.stopped && is.stopped) return "stopped";
  if (was?.rights === "control" && is.rights === "view" && isGranted(is) && isGranted(was)) return "lowered";
  if (isGranted(is) && before.sub_state.paused !== after.sub_state.paused) return after.sub_state.paused ? "paused" : "resumed";
  if (before.sub_state.agent === "away" && after.sub_state.agent === "here") return "started";
  if (before.sub_state.agent !== "away" && after.sub_state.agent === "away" && after.status === "waiting") return after.sub_state.left ? "left" : "lost";
  return null;
}

const isGranted = ({ consent }: SessionTechnician) => consent === "granted" || consent === "connected";
