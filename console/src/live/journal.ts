// Remembers which live events arrived when, so that an answer that was on its way meanwhile cannot overwrite something newer.
import type { Session } from "../api/types";

const KEEP_MS = 30_000;

interface Entry {
  at: number;
  session: Session;
}

export class Journal {
  private readonly entries = new Map<string, Entry>();

  constructor(readonly now: () => number = () => performance.now()) {}

  record(session: Session) {
    const at = this.now();
    this.entries.delete(session.id);
    this.entries.set(session.id, { at, session });
    for (const [id, entry] of this.entries) {
      if (at - entry.at <= KEEP_MS) break;
      this.entries.delete(id);
    }
  }

  forget(id: string) {
    this.entries.delete(id);
  }

  /** The given session, or the one an event brought after `asked` (milliseconds of this journal's clock). */
  newest(session: Session, asked: number): Session {
    const entry = this.entries.get(session.id);
    return entry && entry.at >= asked ? entry.session : session;
  }
}

export const journal = new Journal();
