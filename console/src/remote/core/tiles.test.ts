// Tiles wait for nobody but whom they follow, and never overwrite, nor are overwritten by, what is not newer.
import { describe, expect, it } from "vitest";

import { Class } from "../wire/header";
import { type PictureKind, type Rect, SMALL, type Update } from "../wire/update";
import { type Effect, Picture } from "./picture";
import type { Plan } from "./plan";

const LAYOUT = { width: 320, height: 96, stripeHeight: 32 };
const LITTLE: Rect = { x: 16, y: 0, width: 16, height: 16 };
const WIDE: Rect = { x: 0, y: 0, width: 64, height: 16 };

const stripe = (index: number, picture: number, draw: Rect[] = [WIDE], anew = picture === 1) => ({
  index,
  picture,
  kind: (anew ? "anew" : "next") as PictureKind,
  draw: draw.map((rect) => ({ ...rect, y: rect.y + index * 32 })),
  data: Uint8Array.of(index, picture),
});
const tile = (rect: Rect) => ({ rect, format: SMALL, data: Uint8Array.of(1) });

function update(more: Partial<Update>): Update {
  const stages = { waitUs: 0, grabUs: 0, convertUs: 0, encodeUs: 0 };
  return { epoch: 1, layout: null, stages, qp: 24, input: 0, follows: [], copies: [], stripes: [], tiles: [], ...more };
}

class Bench {
  readonly picture = new Picture();
  readonly refreshes: number[][] = [];

  constructor() {
    this.give(1, { layout: LAYOUT, stripes: [0, 1, 2].map((index) => stripe(index, 1)) });
    for (const index of [0, 1, 2]) this.picture.handleDecoded(index, 1, 0);
    this.plans();
  }

  give(sequence: number, content: Partial<Update>, now = 0, kind: Class = Class.update): this {
    this.picture.handleUpdate(kind, sequence, update(content), { at: now, spread: 0, bytes: 9, age: 0 }, now);
    return this.drain();
  }

  drain(): this {
    for (let effect: Effect | null = this.picture.pollEffect(); effect; effect = this.picture.pollEffect())
      if (effect.kind === "refresh") this.refreshes.push(effect.stripes);
    return this;
  }

  decoded(index: number, picture: number): this {
    this.picture.handleDecoded(index, picture, 0);
    return this.drain();
  }

  plans(): Plan[] {
    const plans: Plan[] = [];
    for (let plan = this.picture.takePlan(); plan; plan = this.picture.takePlan()) plans.push(plan);
    return plans;
  }

  shown(): number[] {
    return this.plans().flatMap((plan) => plan.updates.map((pending) => pending.sequence));
  }
}

describe("tiles", () => {
  it("are shown at once, whatever their stripe waits for", () => {
    const bench = new Bench().give(3, { stripes: [stripe(0, 3)] }).give(4, { tiles: [tile(LITTLE)] });
    const [plan] = bench.plans();
    expect(plan!.updates.map((pending) => pending.sequence)).toEqual([4]);
    expect(plan!.tiles).toEqual([{ tile: tile(LITTLE), draw: [LITTLE] }]);
    expect(plan!.updates[0]!.decodedAt).toBe(0);
  });

  it("stay where an older picture comes later", () => {
    const bench = new Bench().give(3, { tiles: [tile(LITTLE)] }, 0, Class.refinement).give(2, { stripes: [stripe(0, 2)] });
    bench.plans();
    const [plan] = bench.decoded(0, 2).plans();
    expect(plan!.draws[0]!.rects).toEqual([
      { x: 0, y: 0, width: 16, height: 16 },
      { x: 32, y: 0, width: 32, height: 16 },
    ]);
  });

  it("that are older than what is shown are left out", () => {
    const bench = new Bench().give(3, { stripes: [stripe(1, 2)] }).decoded(1, 2);
    bench.plans();
    const [plan] = bench.give(2, { tiles: [tile({ ...LITTLE, y: 32 }), tile({ ...LITTLE, y: 64 })] }).plans();
    expect(plan!.tiles.map(({ draw }) => draw)).toEqual([[{ ...LITTLE, y: 64 }]]);
  });

  it("end a burst when pictures follow them", () => {
    const bench = new Bench().give(2, { stripes: [stripe(0, 2)] }).give(3, { tiles: [tile({ ...LITTLE, y: 32 })] });
    bench.give(4, { stripes: [stripe(1, 2)] }).decoded(1, 2).decoded(0, 2);
    const sequences = bench.plans().map((plan) => plan.updates.map((pending) => pending.sequence));
    expect(sequences).toEqual([[3], [4, 2]]);
  });

  it("that cannot be read cost their stripes a key picture", () => {
    const bench = new Bench();
    bench.picture.handleTileFailed({ x: 0, y: 16, width: 16, height: 32 }, 0);
    expect(bench.drain().refreshes).toEqual([[0, 1]]);
  });
});

describe("an update that follows others", () => {
  const copy = { source: WIDE, x: 0, y: 16 };

  it("waits for them", () => {
    const bench = new Bench().give(3, { follows: [2], copies: [copy], stripes: [stripe(0, 2, [])] }).decoded(0, 2);
    expect(bench.shown()).toEqual([]);
    expect(bench.give(2, { tiles: [tile(LITTLE)] }).shown()).toEqual([2, 3]);
  });

  it("asks for its stripes when they do not come", () => {
    const bench = new Bench().give(3, { follows: [2], tiles: [tile({ ...LITTLE, y: 32 })] });
    expect(bench.picture.pollTimeout(0)).toBe(400);
    bench.picture.handleTimeout(399);
    expect(bench.drain().refreshes).toEqual([]);
    bench.picture.handleTimeout(400);
    expect(bench.drain().refreshes).toEqual([[1]]);
  });

  it("waits no longer when key pictures stand for what is missing", () => {
    const bench = new Bench().give(3, { follows: [2], tiles: [tile({ ...LITTLE, y: 32 })] });
    expect(bench.shown()).toEqual([]);
    expect(bench.give(4, { stripes: [stripe(1, 5, [WIDE], true)] }).decoded(1, 5).shown()).toEqual([4, 3]);
    expect(bench.picture.pollTimeout(0)).toBe(null);
  });
});

describe("copies", () => {
  const copy = { source: { ...WIDE, y: 32 }, x: 0, y: 0 };

  it("that come after something newer was drawn under them are not made, and their stripes begin anew", () => {
    const bench = new Bench().give(3, { tiles: [tile(LITTLE)] });
    bench.plans();
    const copies = [{ source: { x: 0, y: 0, width: 64, height: 16 }, x: 0, y: 16 }];
    bench.give(2, { copies, stripes: [stripe(0, 2, [])] }).decoded(0, 2);
    expect(bench.plans().flatMap((plan) => plan.copies)).toEqual([]);
    expect(bench.refreshes).toEqual([[0]]);
  });

  it("overtaken everywhere by key pictures are dropped without asking", () => {
    const bench = new Bench().give(3, { copies: [copy], stripes: [stripe(0, 3, []), stripe(1, 3, [])] });
    bench.give(4, { stripes: [stripe(0, 4, [WIDE], true), stripe(1, 4, [WIDE], true)] }).decoded(0, 4).decoded(1, 4);
    expect(bench.plans().flatMap((plan) => plan.copies)).toEqual([]);
    expect(bench.refreshes).toEqual([]);
  });

  it("overtaken in one stripe make all that they touch begin anew", () => {
    const bench = new Bench().give(2, { copies: [copy], stripes: [stripe(0, 2, []), stripe(1, 3, [])] });
    bench.give(3, { stripes: [stripe(1, 4, [WIDE], true)] }).decoded(1, 4).decoded(0, 2);
    expect(bench.plans().flatMap((plan) => plan.copies)).toEqual([]);
    expect(bench.refreshes).toEqual([[0, 1]]);
  });
});
