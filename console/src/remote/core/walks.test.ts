// Random walks of a played agent over a hostile network, by the story that both viewers share (protocol/vectors/walks.json, written and
// explained by viewer/src/order/walks.rs): at each step the same updates are shown, the same stripes asked for, and the canvas is the same.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { Class } from "../wire/header";
import { SMALL, type Layout, type PictureKind, type Rect, type Update } from "../wire/update";
import type { Pending } from "./pending";
import { Picture } from "./picture";

type Sides = [x: number, y: number, width: number, height: number];
type Copied = [...Sides, toX: number, toY: number];
type Coded = [index: number, picture: number, kind: 0 | 1 | 2, draw: Sides[]];
type Sent = [0, sequence: number, epoch: number, layout: 0 | [number, number, number], again: 0 | 1, number[], Copied[], Coded[], Sides[]];
type Happened = [1, now: number, what: string, of: number | Sides, shown: number[], asked: number[], canvas: number];

const PATH = join(import.meta.dirname, "../../../../protocol/vectors/walks.json");
const { rtt, walks } = JSON.parse(readFileSync(PATH, "utf8")) as { rtt: number; walks: (Sent | Happened)[][] };

/** A dot's side in pixels. */
const DOT = 4;
const KINDS: PictureKind[] = ["next", "key", "anew"];

const rect = ([x, y, width, height]: Sides): Rect => ({ x, y, width, height });

/** A screen of dots, each with the number of what was drawn there last. */
class Dots {
  readonly #columns: number;
  readonly #rows: number;
  readonly #contents: number[];

  constructor([width, height]: number[]) {
    this.#columns = width! / DOT;
    this.#rows = height! / DOT;
    this.#contents = Array<number>(this.#columns * this.#rows).fill(0);
  }

  /** The numbers of a rectangle's dots; whole macroblocks reach beyond the screen. */
  within({ x, y, width, height }: Rect): number[] {
    const dots: number[] = [];
    const [right, bottom] = [Math.min((x + width) / DOT, this.#columns), Math.min((y + height) / DOT, this.#rows)];
    for (let row = y / DOT; row < bottom; row++)
      for (let column = x / DOT; column < right; column++) dots.push(row * this.#columns + column);
    return dots;
  }

  at(dot: number): number {
    return this.#contents[dot]!;
  }

  put(dot: number, content: number): void {
    this.#contents[dot] = content;
  }

  copy(source: Rect, x: number, y: number): void {
    const before = this.within(source).map((dot) => this.at(dot));
    this.within({ ...source, x, y }).forEach((dot, index) => this.put(dot, before[index]!));
  }

  sum(): number {
    return this.#contents.reduce((sum, content) => Math.imul(sum ^ content, 16777619), 2166136261) >>> 0;
  }
}

class Walk {
  readonly #picture = new Picture();
  readonly #updates = new Map<number, Update>();
  readonly #contents = new Map<number, Map<number, number>>();
  #layout: Layout = { width: 0, height: 0, stripeHeight: 1 };
  #epoch = 0;
  #belief = new Dots([0, 0]);
  #canvas = new Dots([0, 0]);

  constructor() {
    this.#picture.handleRtt(rtt);
  }

  get isRight(): boolean {
    return this.#canvas.sum() === this.#belief.sum();
  }

  /** The agent believes at once that it is shown. */
  send([, sequence, epoch, layout, again, follows, copies, stripes, tiles]: Sent): void {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#belief = new Dots(layout as number[]);
    }
    const draws = [...stripes.flatMap(([, , , draw]) => draw), ...tiles];
    const dots = draws.flatMap((draw) => this.#belief.within(rect(draw)));
    const contents = new Map(dots.map((dot) => [dot, again ? this.#belief.at(dot) : sequence * 1000 + dot]));
    for (const [x, y, width, height, toX, toY] of copies) this.#belief.copy({ x, y, width, height }, toX, toY);
    for (const [dot, content] of contents) this.#belief.put(dot, content);
    this.#contents.set(sequence, contents);
    this.#updates.set(sequence, {
      epoch,
      layout: layout ? { width: layout[0], height: layout[1], stripeHeight: layout[2] } : null,
      stages: { waitUs: 0, grabUs: 0, convertUs: 0, encodeUs: 0 },
      qp: 0,
      input: 0,
      follows,
      copies: copies.map(([x, y, width, height, toX, toY]) => ({ source: { x, y, width, height }, x: toX, y: toY })),
      stripes: stripes.map(([index, picture, kind, draw]) => {
        return { index, picture, kind: KINDS[kind]!, draw: draw.map(rect), data: Uint8Array.of() };
      }),
      tiles: tiles.map((tile) => ({ rect: rect(tile), format: SMALL, data: Uint8Array.of() })),
    });
  }

  /** What is shown and asked for then, and the canvas after it. */
  happens([, now, what, of]: Happened): [shown: number[], asked: number[], canvas: number] {
    const picture = this.#picture;
    const number = of as number;
    if (what === "update") picture.handleUpdate(Class.update, number, this.#updates.get(number)!, { at: now, spread: 0, bytes: 10, age: 0 }, now);
    else if (what === "flowing") picture.handleArriving(number, now);
    else if (what === "flowed") picture.handleArrived(number);
    else if (what === "decoder") picture.handleDecoderFailed(number, now);
    else if (what === "tile") picture.handleTileFailed(rect(of as Sides), now);
    else picture.handleTimeout(now);
    const asked = this.#perform(now);
    const shown = this.#show();
    return [shown.sort((one, other) => one - other), [...asked].sort((one, other) => one - other), this.#canvas.sum()];
  }

  /** Decoders take no time here. */
  #perform(now: number): Set<number> {
    const asked = new Set<number>();
    for (let effect = this.#picture.pollEffect(); effect; effect = this.#picture.pollEffect()) {
      if (effect.kind === "decode") this.#picture.handleDecoded(effect.stripe, effect.picture, now);
      if (effect.kind === "refresh") for (const stripe of effect.stripes) if (stripe < 8) asked.add(stripe);
      if (effect.kind === "reset") {
        this.#layout = effect.layout;
        this.#canvas = new Dots([effect.layout.width, effect.layout.height]);
      }
    }
    return asked;
  }

  #show(): number[] {
    const shown: number[] = [];
    for (let plan = this.#picture.takePlan(); plan; plan = this.#picture.takePlan()) {
      for (const { source, x, y } of plan.copies) this.#canvas.copy(source, x, y);
      for (const update of plan.updates) {
        shown.push(update.sequence);
        this.#draw(update);
      }
    }
    return shown;
  }

  #draw({ sequence, parts, tiles }: Pending): void {
    const coded = parts.filter((part) => part.state === "decoded").flatMap(({ stripe, draw }) => {
      return draw.map((one) => ({ ...one, y: one.y + stripe * this.#layout.stripeHeight }));
    });
    const contents = this.#contents.get(sequence)!;
    for (const one of [...coded, ...tiles.flatMap(({ draw }) => draw)])
      for (const dot of this.#canvas.within(one)) this.#canvas.put(dot, contents.get(dot)!);
  }
}

describe("random walks", () => {
  it.each(walks.map((lines, index) => ({ lines, number: index + 1 })))("walk $number", ({ lines }) => {
    const walk = new Walk();
    for (const [index, line] of lines.entries()) {
      if (line[0] === 0) walk.send(line);
      else expect([index, ...walk.happens(line)]).toEqual([index, ...line.slice(4)]);
    }
    expect(walk.isRight).toBe(true);
  });
});
