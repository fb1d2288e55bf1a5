// One stripe's pictures: which may be decoded next, which wait for one that is missing, and when to ask for a key picture.
// Owns no update and no decoder.

import type { Part } from "./pending";

/** Parts that wait for a missing picture; more than this and the stripe starts anew. */
const EARLY_PARTS = 256;

export class StripeLane {
  /** The next picture to decode, or null when only one that begins anew can start. */
  #next: number | null = null;
  readonly #early = new Map<number, Part>();
  /** Fed and not yet shown, in order. */
  readonly line: Part[] = [];
  /** Since when something waits here for a picture that is not there. */
  waitingSince: number | null = null;
  askedAt: number | null = null;
  /** Since when an update here waits for another that it follows, and which is the first that does. */
  heldSince: number | null = null;
  heldSequence = 0;
  /** The update with which this began anew: nothing older matters here any more. */
  anewAt = 0;

  /** Takes a part that arrived; returns what may be decoded now, in order, and what was overtaken by a new beginning. */
  arrive(part: Part, now: number): { feed: Part[]; skipped: Part[] } {
    if (this.#next !== null && part.picture < this.#next) return { feed: [], skipped: [part] };
    part.anew = part.kind === "anew" && part.picture !== this.#next;
    if (part.kind === "anew") return this.#startAnew(part, now);
    if (part.picture !== this.#next) {
      this.#early.set(part.picture, part);
      this.waitingSince ??= now;
      return { feed: [], skipped: [] };
    }
    return { feed: this.#follow(part, now), skipped: [] };
  }

  get overflows(): boolean {
    return this.#early.size > EARLY_PARTS;
  }

  /** The lowest sequence that waits here. */
  get waitingSequence(): number {
    const early = [...this.#early.values()].map((part) => part.owner.sequence);
    return Math.min(...early, this.heldSince === null ? Number.POSITIVE_INFINITY : this.heldSequence);
  }

  /**
   * Whether the turn of `part` has come: it is the first, or the stripe begins anew with it, and what is before it waits for something
   * that may never come.
   */
  hasTurn(part: Part): boolean {
    if (this.line[0] === part) return true;
    const place = this.line.indexOf(part);
    return part.kind === "anew" && place > 0 && this.line.slice(0, place).every((earlier) => earlier.state === "decoded");
  }

  /** A picture of `part`'s update is shown; what was before it is not any more. */
  shown(part: Part): void {
    for (const earlier of this.line.splice(0, this.line.indexOf(part) + 1)) {
      if (earlier === part) continue;
      earlier.state = "overtaken";
      part.anew = true;
    }
    if (part.kind !== "anew") return;
    this.anewAt = Math.max(this.anewAt, part.owner.sequence);
    this.heldSince = null;
    this.askedAt = null;
  }

  /** The first update here that waits for one that it follows; null when none does. */
  hold(sequence: number | null, now: number): void {
    if (sequence === null) {
      if (this.heldSince !== null && this.waitingSince === null) this.askedAt = null;
      this.heldSince = null;
    } else {
      this.heldSince ??= now;
      this.heldSequence = sequence;
    }
  }

  /** Since when something is missing here. */
  get lateSince(): number | null {
    if (this.waitingSince === null || this.heldSince === null) return this.waitingSince ?? this.heldSince;
    return Math.min(this.waitingSince, this.heldSince);
  }

  /** The decoder failed, or its order is lost: only a key picture helps. */
  fail(now: number): void {
    this.#next = null;
    for (const part of this.line) if (part.state === "feeding") part.state = "lost";
    this.waitingSince ??= now;
  }

  #startAnew(key: Part, now: number): { feed: Part[]; skipped: Part[] } {
    const skipped = this.line.filter((part) => part.state === "lost");
    for (const part of skipped) this.line.splice(this.line.indexOf(part), 1);
    for (const [picture, part] of this.#early) {
      if (picture < key.picture) {
        this.#early.delete(picture);
        skipped.push(part);
      }
    }
    return { feed: this.#follow(key, now), skipped };
  }

  #follow(first: Part, now: number): Part[] {
    const feed = [first];
    let next = first.picture + 1;
    for (let part = this.#early.get(next); part; part = this.#early.get(next)) {
      this.#early.delete(next);
      feed.push(part);
      next++;
    }
    this.#next = next;
    if (this.heldSince === null) this.askedAt = null;
    this.waitingSince = this.#early.size > 0 ? now : null;
    this.line.push(...feed);
    return feed;
  }
}
