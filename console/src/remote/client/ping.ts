// Pings to the agent and what their answers say: the round trip, a stall, a dead connection. Pure: time is an argument.

const EVERY_MS = 1000;
/** While nothing happens: an idle session costs the end user's network next to nothing, and is still known to be there. */
const IDLE_EVERY_MS = 4500;
/** After the last picture or input it is idle. */
const LINGER_MS = 10_000;
/** Counted from a ping that gets no answer. */
const STALLED_MS = 2500;
const DEAD_MS = 11_500;
/** A page that was not run for this long (hidden, asleep) has not listened either: nothing can be said about the other side. */
const ASLEEP_MS = 2500;

export class Ping {
  #id = 0;
  /** Sent after the newest that was answered, oldest first. */
  readonly #sent = new Map<number, number>();
  #heardAt = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #tickedAt = 0;
  #busyAt = 0;

  /** Begins to listen anew. */
  reset(now: number): void {
    this.#sent.clear();
    this.#heardAt = now;
    this.#tickedAt = now;
    this.#busyAt = now;
  }

  /** A picture came, or input left. */
  handleActivity(now: number): void {
    this.#busyAt = now;
  }

  handleTick(now: number): { send: number | null; isStalled: boolean; isDead: boolean } {
    if (now - this.#tickedAt > ASLEEP_MS) this.#heardAt = now;
    this.#tickedAt = now;
    const silence = this.#silence(now);
    let send: number | null = null;
    if (now - this.#sentAt >= this.#every(now)) {
      send = ++this.#id;
      this.#sentAt = now;
      this.#sent.set(send, now);
      for (const [id, at] of this.#sent) if (now - at > 2 * DEAD_MS) this.#sent.delete(id);
    }
    return { send, isStalled: silence > STALLED_MS, isDead: silence > DEAD_MS };
  }

  /** The round trip in milliseconds; null when nobody asked. */
  handlePong(id: number, now: number): number | null {
    const at = this.#sent.get(id);
    if (at === undefined) return null;
    for (const earlier of this.#sent.keys()) if (earlier <= id) this.#sent.delete(earlier);
    this.#heardAt = now;
    return now - at;
  }

  /** A ping without an answer may be lost itself, so the next does not wait. */
  #every(now: number): number {
    return this.#sent.size > 0 || now - this.#busyAt < LINGER_MS ? EVERY_MS : IDLE_EVERY_MS;
  }

  /** How long an answer has been missing. */
  #silence(now: number): number {
    const [oldest] = this.#sent.values();
    return oldest === undefined ? 0 : now - Math.max(oldest, this.#heardAt);
  }
}
