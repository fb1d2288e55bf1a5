// The technician's hands: what is held down, in which order it went out, and that everything is let go in the end.
// Knows no browser events (listen.ts does) and no network: it hands packets' payloads to a sender.

import type { InputEvent } from "../wire/input";

export interface HandsSender {
  /** Reliable and ordered, and at once also as datagram; returns nothing and never fails. */
  input(sequence: number, events: InputEvent[]): void;
  /** Newest wins. */
  pointer(after: number, x: number, y: number): void;
}

/** Moves closer together than this are one: the remote side could not show more. */
const MOVE_EVERY_MS = 4;
/** Characters in one packet, well within what a datagram holds. */
const TEXT_PIECE = 200;

export class Hands {
  readonly #sender: HandsSender;
  readonly #keys = new Set<number>();
  readonly #buttons = new Set<number>();
  #sequence = 0;
  #place = { x: 0, y: 0 };
  #movedAt = Number.NEGATIVE_INFINITY;
  #waiting = false;

  constructor(sender: HandsSender) {
    this.#sender = sender;
  }

  /** The sequence of the newest input. */
  get sequence(): number {
    return this.#sequence;
  }

  get place(): { x: number; y: number } {
    return this.#place;
  }

  get isHolding(): boolean {
    return this.#keys.size + this.#buttons.size > 0;
  }

  /** The system repeats a held key by itself, so repeats are not sent. */
  key(code: number, down: boolean): void {
    if (down === this.#keys.has(code)) return;
    if (down) this.#keys.add(code);
    else this.#keys.delete(code);
    this.#send([{ kind: "key", code, down }]);
  }

  /** Presses all in order and lets go in reverse, in one packet. */
  combination(codes: number[]): void {
    this.release();
    const press = codes.map((code): InputEvent => ({ kind: "key", code, down: true }));
    const lift = [...codes].reverse().map((code): InputEvent => ({ kind: "key", code, down: false }));
    this.#send([...press, ...lift]);
  }

  text(text: string): void {
    const characters = [...text];
    for (let at = 0; at < characters.length; at += TEXT_PIECE) {
      this.#send([{ kind: "text", text: characters.slice(at, at + TEXT_PIECE).join("") }]);
    }
  }

  button(button: number, down: boolean, x: number, y: number): void {
    if (down === this.#buttons.has(button)) return;
    if (down) this.#buttons.add(button);
    else this.#buttons.delete(button);
    this.#place = { x, y };
    this.#waiting = false;
    this.#send([{ kind: "button", button, down, x, y }]);
  }

  wheel(dx: number, dy: number, x: number, y: number): void {
    if (dx === 0 && dy === 0) return;
    this.#place = { x, y };
    this.#waiting = false;
    this.#send([{ kind: "wheel", dx, dy, x, y }]);
  }

  /** Returns in how many milliseconds `flush` must be called, or null when the move went out. */
  move(x: number, y: number, now: number): number | null {
    if (x === this.#place.x && y === this.#place.y) return null;
    this.#place = { x, y };
    const due = this.#movedAt + MOVE_EVERY_MS;
    if (now < due) {
      if (this.#waiting) return null;
      this.#waiting = true;
      return due - now;
    }
    this.#sendMove(now);
    return null;
  }

  /** Sends the move that waited, if any still does. */
  flush(now: number): void {
    if (this.#waiting) this.#sendMove(now);
  }

  /** Lets go of everything. */
  release(): void {
    if (!this.isHolding) return;
    this.#keys.clear();
    this.#buttons.clear();
    this.#send([{ kind: "release_all" }]);
  }

  /** A new connection counts from the beginning, and the agent let go of everything when the old one ended. */
  reset(): void {
    this.#sequence = 0;
    this.#keys.clear();
    this.#buttons.clear();
    this.#waiting = false;
  }

  #sendMove(now: number): void {
    this.#movedAt = now;
    this.#waiting = false;
    this.#sender.pointer(this.#sequence, this.#place.x, this.#place.y);
  }

  #send(events: InputEvent[]): void {
    this.#sequence++;
    this.#sender.input(this.#sequence, events);
  }
}
