// Why there is, or is not, a live picture: one word for the whole state, in the order of what matters most. Pure.

import type { Session } from "../../api/types";
import { type Snapshot, isWatching } from "../client/snapshot";
import type { RemoteState } from "../wire/generated";
import { FORMAT } from "../wire/update";

export type Situation =
  | "live"
  | "connecting"
  | "reconnecting"
  | "stalled"
  | "waiting_picture"
  | "ready"
  | "stopped"
  | "asking"
  | "rejected"
  | "unanswered"
  | "offline"
  | "left"
  | "lost"
  | "paused"
  | "changing"
  | "locked"
  | "unavailable"
  | "not_mine"
  | "closed"
  | "expired"
  | "removed"
  | "replaced"
  | "version"
  | "old_agent"
  | "unsupported"
  | "refused";

/** `me`: my account's id. `session` is what the console's lists know of it, which is there before any connection; "gone" when it is not. */
export function situationOf(
  snapshot: Snapshot,
  session: Session | "gone" | undefined,
  me: string | undefined,
): Situation {
  if (session === "gone") return "not_mine";
  const seen = seenBy(snapshot, session, me);
  // Without a connection, and from a gateway whose stream does not say whose doing it was, the lists know it.
  const mine = session?.technicians.find((technician) => technician.id === me);
  if (seen === "ready" && mine?.stopped) return "stopped";
  if (seen === "offline" && session?.sub_state.left) return "left";
  return seen;
}

function seenBy(snapshot: Snapshot, session: Session | undefined, me: string | undefined): Situation {
  const { phase } = snapshot;
  switch (phase.kind) {
    case "unsupported":
      return "unsupported";
    case "ended":
      // Invited again: it goes on from the beginning.
      if (phase.reason === "removed" && session?.actions.includes("ask")) return ofSession(session, me) ?? "connecting";
      return phase.reason === "unknown" || phase.reason === "restart" ? "refused" : phase.reason;
    case "refused":
      return phase.reason.t === "version" ? "version" : phase.reason.t === "over" ? "closed" : "refused";
    case "reconnecting":
      return "reconnecting";
    case "joined":
      return snapshot.state ? ofState(snapshot, snapshot.state) : "connecting";
    case "idle":
    case "left":
    case "connecting":
      return (session && ofSession(session, me)) ?? "connecting";
  }
}

function ofState(snapshot: Snapshot, state: RemoteState): Situation {
  if (state.agent === "away") return state.left ? "left" : "offline";
  if (state.agent === "lost") return "lost";
  if (state.consent === "asking" && !state.rights.view) return "asking";
  if (state.consent === "rejected" || state.consent === "unanswered") return state.consent;
  if (!state.rights.view) return state.stopped ? "stopped" : "ready";
  if (state.paused) return "paused";
  if (state.screen !== "live" && state.screen !== "unknown") return state.screen;
  if (snapshot.otherForm !== null) return snapshot.otherForm > FORMAT ? "version" : "old_agent";
  if (snapshot.isStalled) return "stalled";
  return isWatching(snapshot) && !snapshot.hasPicture ? "waiting_picture" : "live";
}

/** Null: a connection is possible. */
function ofSession(session: Session, me: string | undefined): Situation | null {
  if (session.status === "closed" || session.status === "expired") return session.status;
  const mine = session.technicians.find((technician) => technician.id === me);
  if (me !== undefined && !mine) return "not_mine";
  if (session.sub_state.agent === "away") return "offline";
  if (session.sub_state.agent === "lost") return "lost";
  switch (mine?.consent) {
    case "idle":
      return "ready";
    case "asking":
      return "asking";
    case "rejected":
    case "unanswered":
      return mine.consent;
    case "granted":
    case "connected":
    case undefined:
      return null;
  }
}

/** Whether what is on the canvas is still worth seeing behind the words. */
export function keepsPicture(situation: Situation): boolean {
  return ["live", "reconnecting", "stalled", "lost", "changing", "locked"].includes(situation);
}

/** Whether something is under way that needs nobody. */
export function isUnderWay(situation: Situation): boolean {
  return ["connecting", "reconnecting", "stalled", "waiting_picture", "asking", "lost", "changing"].includes(situation);
}

/** Whether pictures come, so that there is something to measure. */
export function isMeasured(situation: Situation): boolean {
  return situation === "live" || situation === "stalled";
}
