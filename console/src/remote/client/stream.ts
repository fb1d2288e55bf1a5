// From updates to the canvas: holds the core, the decoders and the painter together. Owns their timing, not what any of them does.

import type { Arrival, Pending } from "../core/pending";
import { Picture } from "../core/picture";
import type { Plan } from "../core/plan";
import { Decoders } from "../picture/decoders";
import { Painter } from "../picture/painter";
import { type Layout, type Update, stripeCount } from "../wire/update";

export interface StreamEvents {
  /** Whether pictures should be coming; while not, nothing is missed. */
  isWatching(): boolean;
  /** Key pictures of these stripes are needed. */
  refresh(epoch: number, stripes: number[]): void;
  /** An update is on the canvas; `draw` in milliseconds. */
  drawn(update: Pending, draw: number, queued: number, now: number): void;
  /** The canvas shows a picture of this layout. */
  shown(layout: Layout): void;
}

/** How often to look whether pictures should be coming again. */
const NOT_NOW_MS = 250;

export class PictureStream {
  readonly #events: StreamEvents;
  #painter: Painter | null = null;
  #picture = new Picture();
  #decoders: Decoders | null = null;
  #isPainting = false;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(events: StreamEvents) {
    this.#events = events;
  }

  attach(canvas: HTMLCanvasElement): void {
    this.#painter = new Painter(canvas);
    // A browser that took the canvas's memory gives an empty one back.
    canvas.addEventListener("contextrestored", () => this.#handleEmpty(canvas));
  }

  get drawPath(): string | null {
    return this.#painter?.path ?? null;
  }

  /** 0 before there is one. */
  get epoch(): number {
    return this.#picture.epoch ?? 0;
  }

  handleRtt(ms: number): void {
    this.#picture.handleRtt(ms);
  }

  handleArriving(sequence: number, now: number): void {
    this.#picture.handleArriving(sequence, now);
  }

  handleArrived(sequence: number): void {
    this.#picture.handleArrived(sequence);
  }

  /** Whether the update is new. */
  handleUpdate(kind: number, sequence: number, update: Update, arrival: Arrival): boolean {
    const isNew = this.#picture.handleUpdate(kind, sequence, update, arrival, performance.now());
    this.#pump();
    return isNew;
  }

  /** A new stream begins; what is on the canvas stays until its first picture. */
  reset(): void {
    this.#decoders?.close();
    this.#decoders = null;
    this.#picture = new Picture();
    this.#schedule();
  }

  clear(): void {
    this.reset();
    this.#painter?.clear();
  }

  /** Does what the core wants, now. */
  #pump(): void {
    for (let effect = this.#picture.pollEffect(); effect; effect = this.#picture.pollEffect()) {
      if (effect.kind === "reset") this.#newDecoders(effect.layout);
      else if (effect.kind === "decode") this.#decoders?.decode(effect.stripe, effect.picture, effect.key, effect.data);
      else this.#events.refresh(effect.epoch, effect.stripes);
    }
    if (!this.#isPainting) void this.#paint();
    this.#schedule();
  }

  #newDecoders(layout: Layout): void {
    this.#decoders?.close();
    const decoders: Decoders = new Decoders(layout, {
      decoded: (stripe, picture) => {
        if (this.#decoders !== decoders) return;
        this.#picture.handleDecoded(stripe, picture, performance.now());
        if (!this.#isPainting) void this.#paint();
      },
      failed: (stripe) => {
        if (this.#decoders === decoders) this.#handleFailed([stripe]);
      },
    });
    this.#decoders = decoders;
  }

  #handleFailed(stripes: number[]): void {
    for (const stripe of stripes) this.#picture.handleDecoderFailed(stripe, performance.now());
    // Later: this may come from inside a call to `decode`.
    queueMicrotask(() => this.#pump());
  }

  #handleEmpty(canvas: HTMLCanvasElement): void {
    const { layout } = this.#picture;
    if (!layout || !this.#painter?.isOn(canvas)) return;
    this.#handleFailed(Array.from({ length: stripeCount(layout) }, (_, stripe) => stripe));
  }

  async #paint(): Promise<void> {
    this.#isPainting = true;
    for (let plan = this.#picture.takePlan(); plan; plan = this.#picture.takePlan()) {
      const { layout } = this.#picture;
      if (this.#painter && this.#decoders && layout) await this.#paintOne(plan, this.#painter, this.#decoders, layout);
    }
    this.#isPainting = false;
  }

  async #paintOne(plan: Plan, painter: Painter, decoders: Decoders, layout: Layout): Promise<void> {
    const start = performance.now();
    const isCurrent = () => this.#decoders === decoders;
    let failed;
    try {
      failed = await painter.paint(plan, layout, decoders, isCurrent);
    } catch {
      // The frames are spent; their stripes need new ones.
      if (isCurrent()) this.#handleFailed(plan.draws.map((draw) => draw.stripe));
      return;
    }
    if (!isCurrent()) return;
    for (const rect of failed.tiles) this.#picture.handleTileFailed(rect, performance.now());
    if (failed.tiles.length > 0) queueMicrotask(() => this.#pump());
    const now = performance.now();
    for (const update of plan.updates) this.#events.drawn(update, now - start, this.#picture.queued, now);
    this.#events.shown(layout);
  }

  #schedule(): void {
    const now = performance.now();
    const due = this.#picture.pollTimeout(now);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = due === null ? null : setTimeout(() => this.#handleTimeout(), this.#wait(due - now));
  }

  #wait(ms: number): number {
    return this.#events.isWatching() ? Math.max(ms, 0) : Math.max(ms, NOT_NOW_MS);
  }

  #handleTimeout(): void {
    if (this.#events.isWatching()) this.#picture.handleTimeout(performance.now());
    this.#pump();
  }
}
