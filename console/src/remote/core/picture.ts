// The viewer's core: from updates in any order to what may be decoded, and then shown, next. Pure: time is an argument, and
// decoders, canvas and network are the shell's.
//
// Per stripe, pictures are decoded in order; only one that says so begins anew. An update is shown whole, when all its stripes
// are decoded and every earlier update of those stripes is shown. A stripe that waits holds up nobody who does not need it.

import { Class } from "../wire/header";
import { type Layout, QUICK, type Rect, SMALL, type Update, stripeCount } from "../wire/update";
import { Blocks } from "./blocks";
import type { Arrival, Part, Pending } from "./pending";
import { type Plan, takePlan } from "./plan";
import { codedStripe, withinStripe } from "./rects";
import { Seen } from "./seen";
import { StripeLane } from "./stripe";

/** The agent sends a lost update again after 1.5 RTT; before that has come and gone, asking would cost a key picture for nothing. */
const GAP_RTTS = 4;
const GAP_MIN_MS = 250;
/** Between two requests for the same stripe. */
const ASK_AGAIN_RTTS = 6;
const ASK_AGAIN_MIN_MS = 1000;
/**
 * But not while bytes flow, which may be the answer: a whole screen takes longer than that on a thin way, and asked for once more it
 * would never be done. At last, however much flows, after so many times as long.
 */
const ASK_AT_LAST = 8;
/** A stream that has begun comes whole or is given up; what it lost comes again. So long it may be silent meanwhile. */
const SILENT_MS = 2000;
/** What may wait here in all; beyond it every stripe starts anew. */
const PENDING_UPDATES = 1024;
const PENDING_BYTES = 64 * 1024 * 1024;
/** Updates of an epoch whose layout has not come. */
const UNPLACED = 64;
const UNPLACED_BYTES = 8 * 1024 * 1024;

export type Effect =
  /** A new layout: canvas and decoders begin anew. */
  | { kind: "reset"; layout: Layout }
  | { kind: "decode"; stripe: number; picture: number; key: boolean; data: Uint8Array }
  /** These must begin anew. */
  | { kind: "refresh"; epoch: number; stripes: number[] };

interface Unplaced {
  kind: number;
  sequence: number;
  update: Update;
  arrival: Arrival;
}

export class Picture {
  #epoch: number | null = null;
  #layout: Layout | null = null;
  #lanes: StripeLane[] = [];
  readonly #pending = new Set<Pending>();
  #pendingBytes = 0;
  #ready: Pending[] = [];
  #unplaced: Unplaced[] = [];
  #unplacedSince: number | null = null;
  /** What was shown, for those that follow it. */
  #done = new Seen();
  #blocks: Blocks | null = null;
  readonly #effects: Effect[] = [];
  readonly #seen = new Map<number, Seen>([
    [Class.update, new Seen()],
    [Class.refinement, new Seen()],
  ]);
  /** Streams of updates that are on their way: sequence and when bytes of it came last. */
  readonly #arriving = new Map<number, number>();
  #rtt = 100;

  get epoch(): number | null {
    return this.#epoch;
  }

  get layout(): Layout | null {
    return this.#layout;
  }

  /** Updates received and not yet taken by a plan. */
  get queued(): number {
    return this.#pending.size + this.#ready.length;
  }

  handleRtt(ms: number): void {
    this.#rtt = ms;
  }

  /** Bytes of an update came, and it is not whole yet: nobody is late while it flows. */
  handleArriving(sequence: number, now: number): void {
    this.#arriving.set(sequence, now);
  }

  /** The stream of `sequence` is whole, or was given up. */
  handleArrived(sequence: number): void {
    this.#arriving.delete(sequence);
  }

  /** Whether it is new; what came before is not looked at again. */
  handleUpdate(kind: number, sequence: number, update: Update, arrival: Arrival, now: number): boolean {
    if (!this.#seen.get(kind)?.first(sequence)) return false;
    this.#place({ kind, sequence, update, arrival }, now);
    return true;
  }

  handleDecoded(stripe: number, picture: number, now: number): void {
    const part = this.#lanes[stripe]?.line.find((item) => item.picture === picture && item.state === "feeding");
    if (!part) return;
    part.state = "decoded";
    this.#close(part, now);
    this.#showWhatIsReady(now);
  }

  /** The decoder of `stripe` is beyond repair, or the browser closed it. */
  handleDecoderFailed(stripe: number, now: number): void {
    if (this.#lanes[stripe]) this.#startAnew([stripe], now);
  }

  /** A tile at `rect` cannot be read. */
  handleTileFailed(rect: Rect, now: number): void {
    if (this.#layout) this.#startAnew(stripesOf(rect, this.#layout), now);
  }

  handleTimeout(now: number): void {
    const due = this.#due(now);
    const late = [...due.entries()].filter(([, at]) => at <= now).map(([stripe]) => stripe);
    if (late.length > 0) this.#ask(late, now);
    const first = this.#unplaced[0];
    if (first && this.#unplacedDue()! <= now) {
      this.#unplacedSince = now;
      const every = Array.from({ length: 64 }, (_, stripe) => stripe);
      this.#effects.push({ kind: "refresh", epoch: first.update.epoch, stripes: every });
    }
  }

  /** When `handleTimeout` wants to be called, or null. */
  pollTimeout(now: number): number | null {
    const times = [...this.#due(now).values()];
    const unplaced = this.#unplacedDue();
    if (unplaced !== null) times.push(unplaced);
    return times.length > 0 ? Math.min(...times) : null;
  }

  pollEffect(): Effect | null {
    return this.#effects.shift() ?? null;
  }

  /** What to show next, in one go; null when nothing is ready. */
  takePlan(): Plan | null {
    return takePlan(this.#ready);
  }

  #place(arrived: Unplaced, now: number): void {
    const { update } = arrived;
    if (this.#epoch !== null && update.epoch < this.#epoch) return;
    if (this.#epoch === null || update.epoch > this.#epoch) {
      if (!update.layout) {
        this.#keepUnplaced(arrived, now);
        return;
      }
      this.#begin(update.epoch, update.layout);
      this.#accept(arrived, now);
      for (const earlier of this.#unplaced.splice(0)) this.#place(earlier, now);
      return;
    }
    this.#accept(arrived, now);
  }

  #keepUnplaced(arrived: Unplaced, now: number): void {
    this.#unplaced.push(arrived);
    const bytes = () => this.#unplaced.reduce((sum, item) => sum + item.arrival.bytes, 0);
    while (this.#unplaced.length > UNPLACED || bytes() > UNPLACED_BYTES) this.#unplaced.shift();
    this.#unplacedSince ??= now;
  }

  #begin(epoch: number, layout: Layout): void {
    this.#epoch = epoch;
    this.#layout = layout;
    this.#lanes = Array.from({ length: stripeCount(layout) }, () => new StripeLane());
    this.#pending.clear();
    this.#pendingBytes = 0;
    this.#ready = [];
    this.#done = new Seen();
    this.#blocks = new Blocks(layout);
    this.#unplacedSince = null;
    this.#effects.length = 0;
    this.#effects.push({ kind: "reset", layout });
  }

  #accept({ kind, sequence, update, arrival }: Unplaced, now: number): void {
    const layout = this.#layout!;
    const stripes = update.stripes.filter((stripe) => stripe.index < this.#lanes.length);
    const touched = touchedBy(update, layout);
    if (update.tiles.some((tile) => tile.format !== SMALL && tile.format !== QUICK)) {
      this.#startAnew(touched, now);
      return;
    }
    const { stages, qp, input, follows, copies } = update;
    const pending: Pending = {
      kind,
      sequence,
      arrival,
      stages,
      qp,
      input,
      follows,
      touched,
      copies,
      parts: [],
      tiles: update.tiles.map((tile) => ({ tile, draw: [tile.rect] })),
      open: stripes.length,
      // Tiles wait for no decoder.
      fedAt: stripes.length === 0 ? now : null,
      decodedAt: stripes.length === 0 ? now : null,
    };
    pending.parts = stripes.map(({ index, picture, kind, draw, data }) => {
      const rects = draw.map((rect) => withinStripe(rect, layout, index)).filter((rect) => rect !== null);
      return { stripe: index, picture, kind, anew: false, draw: rects, data, state: "early", owner: pending };
    });
    this.#pending.add(pending);
    this.#pendingBytes += arrival.bytes;
    for (const part of pending.parts) this.#arrive(part, now);
    const tooMuch = this.#pending.size > PENDING_UPDATES || this.#pendingBytes > PENDING_BYTES;
    if (tooMuch || this.#lanes.some((lane) => lane.overflows)) this.#giveUp(now);
    this.#showWhatIsReady(now);
  }

  #arrive(part: Part, now: number): void {
    const lane = this.#lanes[part.stripe]!;
    const { feed, skipped } = lane.arrive(part, now);
    for (const item of skipped) {
      item.state = "skipped";
      item.data = null;
      this.#close(item, now);
    }
    for (const item of feed) {
      item.state = "feeding";
      item.owner.fedAt ??= now;
      const data = item.data!;
      item.data = null;
      if (data.length === 0) {
        item.state = "decoded";
        this.#close(item, now);
        continue;
      }
      this.#effects.push({ kind: "decode", stripe: item.stripe, picture: item.picture, key: item.kind !== "next", data });
    }
  }

  /** One part of an update is settled. */
  #close(part: Part, now: number): void {
    const { owner } = part;
    owner.open--;
    owner.fedAt ??= now;
    if (owner.open === 0) owner.decodedAt = now;
  }

  #showWhatIsReady(now: number): void {
    let found = true;
    while (found) {
      found = false;
      for (const pending of this.#pending) {
        if (pending.open > 0 || !this.#isNext(pending)) continue;
        found = true;
        this.#pending.delete(pending);
        this.#pendingBytes -= pending.arrival.bytes;
        this.#done.first(pending.sequence);
        for (const part of pending.parts) {
          if (part.state === "decoded") this.#lanes[part.stripe]!.shown(part);
        }
        this.#leaveOutOlder(pending);
        this.#ready.push(pending);
        if (pending.copies.length > 0) this.#checkCopies(pending, now);
      }
    }
    this.#holdFollowers(now);
  }

  /** What something newer drew already stays as it is. */
  #leaveOutOlder(pending: Pending): void {
    const [layout, blocks] = [this.#layout!, this.#blocks!];
    for (const part of pending.parts) {
      if (part.state !== "decoded") continue;
      const top = codedStripe(layout, part.stripe).y;
      const moved = (rect: Rect, by: number) => ({ ...rect, y: rect.y + by });
      part.draw = part.draw
        .flatMap((rect) => blocks.draw(moved(rect, top), pending.sequence))
        .map((rect) => moved(rect, -top));
    }
    for (const tile of pending.tiles) tile.draw = blocks.draw(tile.tile.rect, pending.sequence);
    pending.tiles = pending.tiles.filter((tile) => tile.draw.length > 0);
  }

  /** A copy is right only on the pixels it was made for; else its stripes begin anew, unless all of them did already. */
  #checkCopies(pending: Pending, now: number): void {
    const isLate = pending.copies.some(({ source, x, y }) =>
      [source, { ...source, x, y }].some((rect) => this.#blocks!.isNewer(rect, pending.sequence)),
    );
    if (!isLate && pending.parts.every((part) => part.state === "decoded" && !part.anew)) return;
    pending.copies = [];
    if (pending.parts.some((part) => part.state === "decoded")) this.#startAnew(pending.touched, now);
  }

  #isNext(pending: Pending): boolean {
    const isOver = ({ state }: Part) => state === "skipped" || state === "overtaken";
    const hasTurn = pending.parts.every((part) => isOver(part) || this.#lanes[part.stripe]!.hasTurn(part));
    return hasTurn && this.#follows(pending);
  }

  /** Whether all that an update follows is shown, or everything it touches began anew since. */
  #follows(pending: Pending): boolean {
    if (pending.follows.length === 0) return true;
    const anew = Math.min(...pending.touched.map((stripe) => this.#lanes[stripe]!.anewAt));
    const overtaken = Number.isFinite(anew) ? anew : 0;
    return pending.follows.every((sequence) => sequence < overtaken || this.#done.has(sequence));
  }

  /** Stripes in which an update waits for one that it follows are late from now on. */
  #holdFollowers(now: number): void {
    const held = new Map<number, number>();
    for (const pending of this.#pending) {
      if (pending.follows.length === 0 || this.#follows(pending)) continue;
      for (const stripe of pending.touched)
        held.set(stripe, Math.min(held.get(stripe) ?? pending.sequence, pending.sequence));
    }
    this.#lanes.forEach((lane, stripe) => lane.hold(held.get(stripe) ?? null, now));
  }

  /** Stripes that wait for a picture, and when to ask for a key picture instead. */
  #due(now: number): Map<number, number> {
    const due = new Map<number, number>();
    this.#lanes.forEach((lane, stripe) => {
      const lateSince = lane.lateSince;
      if (lateSince === null) return;
      const arriving = [...this.#arriving].filter(([, at]) => at <= now);
      if (lane.askedAt !== null) {
        const again = Math.max(ASK_AGAIN_MIN_MS, ASK_AGAIN_RTTS * this.#rtt);
        const flowed = Math.max(lane.askedAt, ...arriving.map(([, at]) => at));
        due.set(stripe, Math.min(flowed + again, lane.askedAt + ASK_AT_LAST * again));
        return;
      }
      const gap = this.#gapTimeout();
      const flowing = arriving.filter(([sequence]) => sequence < lane.waitingSequence);
      const silent = flowing.map(([, at]) => at + Math.max(SILENT_MS, gap));
      due.set(stripe, Math.max(lateSince + gap, ...silent));
    });
    return due;
  }

  #gapTimeout(): number {
    return Math.max(GAP_MIN_MS, GAP_RTTS * this.#rtt);
  }

  #unplacedDue(): number | null {
    return this.#unplacedSince === null ? null : this.#unplacedSince + Math.max(GAP_MIN_MS, GAP_RTTS * this.#rtt);
  }

  #ask(stripes: number[], now: number): void {
    for (const stripe of stripes) this.#lanes[stripe]!.askedAt = now;
    this.#effects.push({ kind: "refresh", epoch: this.#epoch!, stripes });
  }

  /** These stripes go on only with a key picture. */
  #startAnew(stripes: number[], now: number): void {
    for (const stripe of stripes) this.#lanes[stripe]!.fail(now);
    if (stripes.length > 0) this.#ask(stripes, now);
  }

  /** More waits than may: forget it all and begin with key pictures. */
  #giveUp(now: number): void {
    const layout = this.#layout!;
    this.#begin(this.#epoch!, layout);
    this.#startAnew(
      this.#lanes.map((_, stripe) => stripe),
      now,
    );
  }
}

/** The stripes that an update's stripes, copies and tiles lie in. */
function touchedBy(update: Update, layout: Layout): number[] {
  const count = stripeCount(layout);
  const touched = new Set(update.stripes.map((stripe) => stripe.index).filter((index) => index < count));
  const rects = update.tiles.map((tile) => tile.rect);
  for (const { source, x, y } of update.copies) rects.push(source, { ...source, x, y });
  for (const rect of rects) for (const index of stripesOf(rect, layout)) touched.add(index);
  return [...touched].sort((one, other) => one - other);
}

/** The stripes of a rectangle's rows. */
function stripesOf({ y, height }: Rect, { stripeHeight, ...layout }: Layout): number[] {
  const last = Math.min(Math.floor((y + Math.max(height, 1) - 1) / stripeHeight), stripeCount({ stripeHeight, ...layout }) - 1);
  const first = Math.floor(y / stripeHeight);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => first + index);
}
