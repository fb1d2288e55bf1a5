// What I wrote and the gateway has not confirmed yet. Kept in the tab, so that neither a reload nor a lost connection loses a word;
// sent again under the same name, so that nothing arrives twice. Pure but for the storage it is given.
export interface Outgoing {
  clientId: string;
  text: string;
  /** Milliseconds since 1970. */
  at: number;
  /** The gateway's sentence, when it refused: only the technician sends it again. */
  refused: string | null;
}

export type Keep = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const PREFIX = "mayday-outbox:";
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 15_000;

export class Outbox {
  constructor(
    private readonly key: string,
    private readonly keep: Keep,
  ) {}

  all(): Outgoing[] {
    try {
      const kept: unknown = JSON.parse(this.keep.getItem(PREFIX + this.key) ?? "[]");
      return Array.isArray(kept) ? (kept as Outgoing[]) : [];
    } catch {
      return [];
    }
  }

  add(text: string, clientId: string, now: number): Outgoing[] {
    return this.write([...this.all(), { clientId, text, at: now, refused: null }]);
  }

  /** It has arrived, or is given up. */
  remove(clientId: string): Outgoing[] {
    return this.write(this.all().filter((one) => one.clientId !== clientId));
  }

  refuse(clientId: string, sentence: string): Outgoing[] {
    return this.write(this.all().map((one) => (one.clientId === clientId ? { ...one, refused: sentence } : one)));
  }

  again(clientId: string): Outgoing[] {
    return this.write(this.all().map((one) => (one.clientId === clientId ? { ...one, refused: null } : one)));
  }

  private write(all: Outgoing[]): Outgoing[] {
    try {
      if (all.length === 0) this.keep.removeItem(PREFIX + this.key);
      else this.keep.setItem(PREFIX + this.key, JSON.stringify(all));
    } catch {
      // Storage is full or forbidden: what is shown is all there is.
    }
    return all;
  }
}

/** How long to wait before trying again: nobody was there (0), or the gateway is busy. `null`: trying again does not help. */
export function pauseAfter(status: number, tries: number): number | null {
  const passes = status === 0 || status === 429 || status === 401 || status >= 500;
  return passes ? Math.min(FIRST_PAUSE_MS * 2 ** tries, LONGEST_PAUSE_MS) : null;
}
