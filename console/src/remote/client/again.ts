// Input that goes once more some milliseconds later on a long way: a lost packet then costs these milliseconds and not a round trip.
// Says which and when; sends nothing. Pure.

/** On a shorter way QUIC's own repeat is as good. */
const BEYOND_MS = 15;
export const AGAIN_AFTER_MS = 5;
/** A round trip that has grown by this much fills a queue: nothing more is put into it. */
const CONGESTED_MS = 60;

export class Again {
  /** The shortest round trip, slowly forgotten. */
  #shortest: number | null = null;
  #roundTrip = 0;

  /** Another way begins. */
  reset(): void {
    this.#shortest = null;
    this.#roundTrip = 0;
  }

  handleRoundTrip(ms: number): void {
    this.#roundTrip = ms;
  }

  /** A packet of input was sent now: whether a copy of it follows after `AGAIN_AFTER_MS`. */
  handleSent(): boolean {
    const shortest = this.#shortest === null ? this.#roundTrip : Math.min(this.#roundTrip, this.#shortest + this.#shortest / 64);
    this.#shortest = shortest;
    return this.#roundTrip > BEYOND_MS && this.#roundTrip <= shortest + CONGESTED_MS;
  }
}
