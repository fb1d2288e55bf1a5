// What happened lately, as the figures of the overlay: rates, times of each stage, and how long a key takes to become a pixel.
// Pure: time is an argument.

import type { Pending } from "../core/pending";

/** What one update that is drawn now tells. Milliseconds. */
export interface Drawn {
  at: number;
  bytes: number;
  /** Of its pictures; 0 if it had none and so was exact. */
  qp: number;
  /** Capture to the last hop, as the header's age has it. */
  age: number;
  agent: { wait: number; grab: number; convert: number; encode: number };
  spread: number;
  wait: number;
  decode: number;
  draw: number;
  /** Last byte to drawn. */
  receiveToDrawn: number;
}

/** Means over what was drawn lately. */
export interface Mean extends Omit<Drawn, "at" | "bytes" | "qp"> {
  /** How coarse the pictures are; null if there were none, so that every pixel that came was exact. */
  qp: number | null;
}

export interface Summary {
  roundTrip: number | null;
  updatesPerSecond: number;
  kilobitsPerSecond: number;
  keyToPixel: number | null;
  /** Null before anything was drawn. */
  mean: Mean | null;
}

const WINDOW_MS = 2000;
const KEPT = 240;
const KEY_SAMPLES = 1000;
/** Inputs that no update answers (a key without effect) are forgotten after this. */
const INPUT_PATIENCE_MS = 10_000;

export class Statistics {
  #drawn: Drawn[] = [];
  #count = 0;
  #firstDrawnAt: number | null = null;
  #bytes: { at: number; bytes: number }[] = [];
  readonly #inputs = new Map<number, number>();
  readonly #keyToPixel: number[] = [];
  #roundTrip: number | null = null;

  /** On this page's clock; null before anything was drawn. */
  get firstDrawnAt(): number | null {
    return this.#firstDrawnAt;
  }

  get drawnUpdates(): number {
    return this.#count;
  }

  /** Milliseconds from an input to the first update drawn that shows its effect, newest last. */
  get keyToPixel(): readonly number[] {
    return this.#keyToPixel;
  }

  get receiveToDrawn(): number[] {
    return this.#drawn.map((drawn) => drawn.receiveToDrawn);
  }

  handleRoundTrip(ms: number): void {
    this.#roundTrip = ms;
  }

  handleBytes(bytes: number, now: number): void {
    this.#bytes.push({ at: now, bytes });
    if (this.#bytes.length > 4 * KEPT) this.#bytes.splice(0, KEPT);
  }

  handleInput(sequence: number, now: number): void {
    this.#inputs.set(sequence, now);
    for (const [old, at] of this.#inputs) if (now - at > INPUT_PATIENCE_MS) this.#inputs.delete(old);
  }

  handleDrawn(update: Pending, draw: number, now: number): void {
    const { arrival, stages } = update;
    const fed = update.fedAt ?? now;
    const decoded = update.decodedAt ?? now;
    this.#count++;
    this.#firstDrawnAt ??= now;
    this.#drawn.push({
      at: now,
      bytes: arrival.bytes,
      qp: update.qp,
      age: arrival.age,
      agent: {
        wait: stages.waitUs / 1000,
        grab: stages.grabUs / 1000,
        convert: stages.convertUs / 1000,
        encode: stages.encodeUs / 1000,
      },
      spread: arrival.spread,
      wait: fed - arrival.at,
      decode: decoded - fed,
      draw,
      receiveToDrawn: now - arrival.at,
    });
    if (this.#drawn.length > KEPT) this.#drawn.shift();
    this.#handleShownInput(update.input, now);
  }

  /** A new connection counts its inputs anew. */
  forgetInputs(): void {
    this.#inputs.clear();
  }

  summary(now: number): Summary {
    const lately = this.#drawn.filter((drawn) => now - drawn.at <= WINDOW_MS);
    const shown = lately.length > 0 ? lately : this.#drawn.slice(-1);
    const bytes = this.#bytes.filter(({ at }) => now - at <= WINDOW_MS).reduce((sum, item) => sum + item.bytes, 0);
    return {
      roundTrip: this.#roundTrip,
      updatesPerSecond: lately.length / (WINDOW_MS / 1000),
      kilobitsPerSecond: (bytes * 8) / WINDOW_MS,
      keyToPixel: this.#keyToPixel.at(-1) ?? null,
      mean: shown.length > 0 ? mean(shown) : null,
    };
  }

  #handleShownInput(newest: number, now: number): void {
    const at = this.#inputs.get(newest);
    if (at !== undefined) {
      this.#keyToPixel.push(now - at);
      if (this.#keyToPixel.length > KEY_SAMPLES) this.#keyToPixel.shift();
    }
    for (const sequence of this.#inputs.keys()) if (sequence <= newest) this.#inputs.delete(sequence);
  }
}

function mean(samples: Drawn[]): Mean {
  const of = (value: (sample: Drawn) => number) =>
    samples.reduce((sum, sample) => sum + value(sample), 0) / samples.length;
  const pictures = samples.filter((sample) => sample.qp > 0);
  return {
    qp: pictures.length > 0 ? pictures.reduce((sum, sample) => sum + sample.qp, 0) / pictures.length : null,
    age: of((sample) => sample.age),
    agent: {
      wait: of((sample) => sample.agent.wait),
      grab: of((sample) => sample.agent.grab),
      convert: of((sample) => sample.agent.convert),
      encode: of((sample) => sample.agent.encode),
    },
    spread: of((sample) => sample.spread),
    wait: of((sample) => sample.wait),
    decode: of((sample) => sample.decode),
    draw: of((sample) => sample.draw),
    receiveToDrawn: of((sample) => sample.receiveToDrawn),
  };
}
