// Whether an event says that somebody has just come into a queue that I may take from. Pure.
import type { Session } from "../api/types";

/** A session that nobody here knew counts only if its wait has just begun: other events bring old ones up as well. */
const JUST_MS = 15_000;

export function entersQueue(before: Session | undefined, after: Session, me: string, now: number): boolean {
  if (after.status !== "in_queue" || !after.actions.includes("take")) return false;
  // Who gave it back knows.
  if (before?.technicians.some((one) => one.id === me)) return false;
  if (before) return before.status !== "in_queue" || (before.sub_state.agent === "away" && after.sub_state.agent === "here");
  return now - Date.parse(after.waiting_since ?? after.created_at) < JUST_MS;
}
