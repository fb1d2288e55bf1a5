// Doing one thing to many sessions: a few requests at a time, and a result for each. Pure but for the requests it is given.
import type { Session, SessionAction } from "../../api/types";

export const BULK_ACTIONS = ["assign", "transfer_channel", "release", "close", "delete"] as const satisfies readonly SessionAction[];
export type BulkAction = (typeof BULK_ACTIONS)[number];

export interface BulkResult {
  session: Session;
  /** What the gateway said; null when it was done. */
  error: unknown;
}

const AT_ONCE = 4;

/** Which of the chosen sessions allow it. */
export const allowing = (sessions: readonly Session[], action: BulkAction) => sessions.filter((one) => one.actions.includes(action));

export async function runAll(sessions: readonly Session[], act: (session: Session) => Promise<unknown>, progress: (done: number) => void): Promise<BulkResult[]> {
  const results: BulkResult[] = [];
  const waiting = [...sessions];
  const worker = async () => {
    for (let session = waiting.shift(); session; session = waiting.shift()) {
      const error = await act(session).then(
        () => null,
        (reason: unknown) => reason ?? new Error("unknown"),
      );
      results.push({ session, error });
      progress(results.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
