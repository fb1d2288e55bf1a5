// Pings to the agent and what their answers say: the round trip, a stall, a dead connection. Pure: time is an argument.

const EVERY_MS = 1000;
const STALLED_MS = 3000;
const DEAD_MS = 12_000;
/** A page that was not run for this long (hidden, asleep) has not listened either: nothing can be said about the other side. */
const ASLEEP_MS = 2500;

export class Ping {
  #id = 0;
  readonly #sent = new Map<number, number>();
  #heardAt = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #tickedAt = 0;

  /** Begins to listen anew. */
  reset(now: number): void {
    this.#sent.clear();
    this.#heardAt = now;
    this.#tickedAt = now;
  }

  handleTick(now: number): { send: number | null; isStalled: boolean; isDead: boolean } {
    if (now - this.#tickedAt > ASLEEP_MS) this.#heardAt = now;
    this.#tickedAt = now;
    const silence = now - this.#heardAt;
    let send: number | null = null;
    if (now - this.#sentAt >= EVERY_MS) {
      send = ++this.#id;
      this.#sentAt = now;
      this.#sent.set(send, now);
      for (const [id, at] of this.#sent) if (now - at > DEAD_MS) this.#sent.delete(id);
    }
    return { send, isStalled: silence > STALLED_MS, isDead: silence > DEAD_MS };
  }

  /** The round trip in milliseconds; null when nobody asked. */
  handlePong(id: number, now: number): number | null {
    const at = this.#sent.get(id);
    if (at === undefined) return null;
    this.#sent.delete(id);
    this.#heardAt = now;
    return now - at;
  }
}
