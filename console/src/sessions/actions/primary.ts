// Which of the allowed actions is the next one to do: the one that gets a button of its own.
import type { Session, SessionAction } from "../../api/types";

const ORDER = ["connect", "withdraw", "ask", "take", "copy_link"] as const satisfies readonly SessionAction[];

export type PrimaryAction = (typeof ORDER)[number];

/** Null when nothing is to be done now. A session that already runs needs no link on a button. */
export function primaryAction(session: Session): PrimaryAction | null {
  const first = ORDER.find((action) => session.actions.includes(action)) ?? null;
  return first === "copy_link" && session.sub_state.agent !== "away" ? null : first;
}
