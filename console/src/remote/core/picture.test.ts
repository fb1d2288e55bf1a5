// The core's promises: order per stripe, updates shown whole, nobody waits for a stripe they do not need, what is lost is asked for.

import { describe, expect, it } from "vitest";

import { Class } from "../wire/header";
import type { PictureKind, Layout, Rect, Update } from "../wire/update";
import { type Effect, Picture } from "./picture";
import type { Plan } from "./plan";

const LAYOUT: Layout = { width: 320, height: 100, stripeHeight: 32 };
const SMALL: Rect = { x: 16, y: 0, width: 16, height: 16 };

/** A stripe's picture, drawn at the stripe's top left corner. */
function stripe(index: number, picture: number, anew = picture === 1) {
  const kind: PictureKind = anew ? "anew" : "next";
  return { index, picture, kind, draw: [{ ...SMALL, y: index * 32 }], data: Uint8Array.of(index, picture) };
}

function update(stripes: Update["stripes"], more: Partial<Update> = {}): Update {
  const stages = { waitUs: 0, grabUs: 0, convertUs: 0, encodeUs: 0 };
  return { epoch: 1, layout: null, stages, qp: 24, input: 0, follows: [], copies: [], stripes, tiles: [], ...more };
}

class Bench {
  readonly picture = new Picture();
  sequence = 0;
  effects: Effect[] = [];

  give(content: Update, { now = 0, sequence = ++this.sequence, kind = Class.update as number } = {}): this {
    const arrival = { at: now, spread: 0, bytes: 10, age: 0 };
    this.picture.handleUpdate(kind, sequence, content, arrival, now);
    return this.drain();
  }

  drain(): this {
    for (let effect = this.picture.pollEffect(); effect; effect = this.picture.pollEffect()) this.effects.push(effect);
    return this;
  }

  decoded(...pictures: [stripe: number, picture: number][]): this {
    for (const [index, picture] of pictures) this.picture.handleDecoded(index, picture, 1);
    return this;
  }

  /** The pictures handed to decoders since the last call. */
  fed(): [number, number][] {
    return this.drain()
      .effects.splice(0)
      .flatMap((effect) => {
        return effect.kind === "decode" ? [[effect.stripe, effect.picture] as [number, number]] : [];
      });
  }

  refreshes(): number[][] {
    return this.drain()
      .effects.splice(0)
      .flatMap((effect) => (effect.kind === "refresh" ? [effect.stripes] : []));
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

/** Every stripe started with its key picture and all of it shown. */
function started(): Bench {
  const bench = new Bench();
  bench.give(
    update(
      [0, 1, 2, 3].map((index) => stripe(index, 1)),
      { layout: LAYOUT },
    ),
  );
  bench.decoded([0, 1], [1, 1], [2, 1], [3, 1]);
  bench.plans();
  bench.fed();
  return bench;
}

describe("epochs", () => {
  it("an empty picture takes its turn without a decoder", () => {
    const empty = { ...stripe(0, 2), draw: [], data: new Uint8Array() };
    const copies = [{ source: SMALL, x: 32, y: 0 }];
    const bench = new Bench().give(update([stripe(0, 1)], { layout: LAYOUT }));
    bench.give(update([empty], { copies })).give(update([stripe(0, 3)]));
    expect(bench.fed()).toEqual([
      [0, 1],
      [0, 3],
    ]);
    expect(bench.plans()).toHaveLength(0);
    bench.decoded([0, 3]);
    expect(bench.plans()).toHaveLength(0);
    bench.decoded([0, 1]);
    expect(bench.plans().flatMap((plan) => plan.copies)).toEqual(copies);
  });

  it("begin with a reset to their layout", () => {
    const bench = new Bench().give(update([stripe(0, 1)], { layout: LAYOUT }));
    expect(bench.effects[0]).toEqual({ kind: "reset", layout: LAYOUT });
  });

  it("drop what belongs to an older one", () => {
    const bench = started().give(update([stripe(0, 1)], { epoch: 2, layout: LAYOUT }));
    bench.fed();
    expect(bench.give(update([stripe(0, 2)], { epoch: 1 })).fed()).toEqual([]);
    expect(bench.give(update([stripe(0, 2)], { epoch: 2 })).fed()).toEqual([[0, 2]]);
  });

  it("forget what the older one still waited for", () => {
    const bench = started();
    bench.give(update([stripe(0, 2)]));
    bench.give(update([stripe(0, 1)], { epoch: 2, layout: LAYOUT }));
    bench.decoded([0, 2]);
    expect(bench.shown()).toEqual([]);
    expect(bench.picture.queued).toBe(1);
  });

  it("keep updates that overtook the one with the layout", () => {
    const bench = new Bench().give(update([stripe(0, 2)]), { sequence: 2 });
    expect(bench.fed()).toEqual([]);
    bench.give(update([stripe(0, 1)], { layout: LAYOUT }), { sequence: 1 });
    expect(bench.fed()).toEqual([
      [0, 1],
      [0, 2],
    ]);
  });

  it("ask for everything when the layout does not come", () => {
    const bench = new Bench().give(update([stripe(0, 2)]));
    const due = bench.picture.pollTimeout(0)!;
    expect(due).toBeGreaterThan(0);
    bench.picture.handleTimeout(due);
    expect(bench.refreshes()[0]).toHaveLength(64);
    expect(bench.picture.pollTimeout(due)).toBeGreaterThan(due);
  });
});

describe("order", () => {
  it("decodes the pictures of a stripe one after the other", () => {
    const bench = started();
    bench.give(update([stripe(0, 3)]), { sequence: 3 });
    expect(bench.fed()).toEqual([]);
    bench.give(update([stripe(0, 2)]), { sequence: 2 });
    expect(bench.fed()).toEqual([
      [0, 2],
      [0, 3],
    ]);
  });

  it("lets no stripe wait for another", () => {
    const bench = started();
    bench.give(update([stripe(0, 3)]), { sequence: 3 });
    bench.give(update([stripe(1, 2)]), { sequence: 4 });
    bench.decoded([1, 2]);
    expect(bench.shown()).toEqual([4]);
  });

  it("shows an update only when all of it is decoded", () => {
    const bench = started().give(update([stripe(0, 2), stripe(1, 2)]));
    bench.decoded([0, 2]);
    expect(bench.shown()).toEqual([]);
    bench.decoded([1, 2]);
    expect(bench.shown()).toEqual([2]);
  });

  it("shows no later picture of a stripe before an earlier update of it", () => {
    const bench = started();
    bench.give(update([stripe(0, 2), stripe(1, 3)]), { sequence: 3 });
    bench.give(update([stripe(0, 3)]), { sequence: 4 });
    bench.decoded([0, 2], [0, 3]);
    expect(bench.shown()).toEqual([]);
    bench.give(update([stripe(1, 2)]), { sequence: 2 });
    bench.decoded([1, 2], [1, 3]);
    expect(bench.shown()).toEqual([2, 3, 4]);
  });

  it("lets a stripe begin anew although a copy in it waits for what will never come", () => {
    const bench = started();
    const copies = [{ source: SMALL, x: 16, y: 16 }];
    // It follows an update that was given up.
    bench.give(update([stripe(0, 2)], { follows: [99], copies })).decoded([0, 2]);
    expect(bench.plans()).toEqual([]);
    bench.give(update([stripe(0, 3, true)]), { sequence: 100 }).decoded([0, 3]);
    const plans = bench.plans();
    expect(plans.flatMap((plan) => plan.draws.map(({ picture }) => picture))).toEqual([3]);
    expect(plans.flatMap((plan) => plan.copies)).toEqual([]);
    expect(plans.flatMap((plan) => plan.replaced)).toEqual([{ stripe: 0, picture: 2 }]);
    expect(bench.picture.queued).toBe(0);
  });

  it("takes each sequence once, and counts classes apart", () => {
    const bench = started();
    bench.give(update([stripe(0, 2)]), { sequence: 2 });
    bench.give(update([stripe(0, 2)]), { sequence: 2 });
    bench.give(update([stripe(1, 2)]), { sequence: 2, kind: Class.refinement });
    expect(bench.fed()).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });
});

describe("key pictures", () => {
  it("start anew over a gap", () => {
    const bench = started();
    bench.give(update([stripe(0, 3)]), { sequence: 3 });
    bench.give(update([stripe(0, 5, true)]), { sequence: 5 });
    expect(bench.fed()).toEqual([[0, 5]]);
    bench.decoded([0, 5]);
    const draws = bench.plans().flatMap((plan) => plan.draws);
    expect(draws).toEqual([{ stripe: 0, picture: 5, rects: [SMALL] }]);
  });

  it("settle updates whose picture they overtook", () => {
    const bench = started();
    bench.give(update([stripe(0, 3), stripe(1, 2)]), { sequence: 3 });
    bench.decoded([1, 2]);
    expect(bench.shown()).toEqual([]);
    bench.give(update([stripe(0, 4, true)]), { sequence: 4 });
    expect(bench.shown()).toEqual([3]);
  });

  it("make late pictures worthless", () => {
    const bench = started();
    bench.give(update([stripe(0, 3, true)]), { sequence: 3 });
    bench.fed();
    expect(bench.give(update([stripe(0, 2)]), { sequence: 2 }).fed()).toEqual([]);
  });
});

describe("what is lost", () => {
  it("is asked for after a time-out, and again later, but not at once", () => {
    const bench = started();
    bench.give(update([stripe(2, 3)]), { sequence: 3, now: 100 });
    const due = bench.picture.pollTimeout(100)!;
    expect(due - 100).toBe(400);
    bench.picture.handleTimeout(due - 1);
    expect(bench.refreshes()).toEqual([]);
    bench.picture.handleTimeout(due);
    expect(bench.refreshes()).toEqual([[2]]);
    expect(bench.picture.pollTimeout(due)! - due).toBe(1000);
  });

  it("waits as long as an older update is still flowing in", () => {
    const bench = started();
    bench.give(update([stripe(2, 3)]), { sequence: 3, now: 100 });
    bench.picture.handleArriving(2, 450);
    bench.picture.handleTimeout(500);
    expect(bench.refreshes()).toEqual([]);
    bench.picture.handleArrived(2);
    bench.picture.handleTimeout(501);
    expect(bench.refreshes()).toEqual([[2]]);
  });

  it("is not asked for again while bytes flow, but at last", () => {
    const bench = started();
    bench.picture.handleDecoderFailed(0, 5);
    expect(bench.refreshes()).toEqual([[0]]);
    bench.picture.handleArriving(4, 900);
    expect(bench.picture.pollTimeout(900)).toBe(1900);
    bench.picture.handleArriving(4, 7500);
    expect(bench.picture.pollTimeout(7500)).toBe(8005);
  });

  it("needs no asking when it comes in time", () => {
    const bench = started();
    bench.give(update([stripe(2, 3)]), { sequence: 3 });
    bench.give(update([stripe(2, 2)]), { sequence: 2 });
    expect(bench.picture.pollTimeout(0)).toBeNull();
  });

  it("in a decoder is asked for at once, and only a key picture goes on", () => {
    const bench = started();
    bench.give(update([stripe(0, 2), stripe(1, 2)]));
    bench.decoded([1, 2]);
    bench.picture.handleDecoderFailed(0, 5);
    expect(bench.refreshes()).toEqual([[0]]);
    expect(bench.give(update([stripe(0, 3)])).fed()).toEqual([]);
    bench.give(update([stripe(0, 4, true)]));
    expect(bench.fed()).toEqual([[0, 4]]);
    bench.decoded([0, 4]);
    const plans = bench.plans();
    expect(plans.flatMap((plan) => plan.updates.map((item) => item.sequence)).sort()).toEqual([2, 3, 4]);
    expect(plans.flatMap((plan) => plan.draws).find((draw) => draw.stripe === 0)!.rects).toEqual([SMALL]);
  });

  it("includes an update with tiles of an unknown format", () => {
    const tiles = [{ rect: { x: 0, y: 40, width: 16, height: 16 }, format: 9, data: new Uint8Array(0) }];
    const bench = started().give(update([stripe(3, 2)], { tiles }));
    expect(bench.refreshes()).toEqual([[1, 3]]);
    expect(bench.shown()).toEqual([]);
  });
});

describe("plans", () => {
  it("merge what is ready: newest picture, all rectangles", () => {
    const bench = started().give(update([stripe(0, 2)]));
    const other = stripe(0, 3);
    other.draw = [{ x: 64, y: 16, width: 16, height: 16 }];
    bench.give(update([other]));
    bench.decoded([0, 2], [0, 3]);
    const [plan] = bench.plans();
    expect(plan!.draws).toEqual([{ stripe: 0, picture: 3, rects: [SMALL, other.draw[0]] }]);
    expect(plan!.replaced).toEqual([{ stripe: 0, picture: 2 }]);
  });

  it("begin anew at an update with copies", () => {
    const bench = started().give(update([stripe(0, 2)]));
    const copies = [{ source: SMALL, x: 0, y: 0 }];
    bench.give(update([stripe(0, 3)], { copies }));
    bench.decoded([0, 2], [0, 3]);
    expect(bench.plans().map((plan) => plan.copies)).toEqual([[], copies]);
  });

  it("never copy pixels that were not the ones meant", () => {
    const bench = started();
    const copies = [{ source: SMALL, x: 0, y: 0 }];
    bench.give(update([stripe(0, 3), stripe(1, 2)], { copies }), { sequence: 3 });
    bench.give(update([stripe(0, 4, true)]), { sequence: 4 });
    bench.fed();
    bench.decoded([1, 2], [0, 4]);
    expect(bench.plans().map((plan) => plan.copies)).toEqual([[]]);
    expect(bench.refreshes()).toEqual([[0, 1]]);
  });

  it("hold hostile rectangles inside their stripe", () => {
    const bench = started();
    const wild = stripe(3, 2);
    wild.draw = [
      { x: 1, y: 0, width: 9999, height: 9999 },
      { x: 400, y: 96, width: 16, height: 16 },
      { x: 0, y: 0, width: 16, height: 16 },
    ];
    bench.give(update([wild]));
    bench.decoded([3, 2]);
    expect(bench.plans()[0]!.draws[0]!.rects).toEqual([{ x: 0, y: 0, width: 320, height: 16 }]);
  });
});

describe("bounds", () => {
  it("start every stripe anew when more waits than may", () => {
    const bench = started();
    for (let picture = 3; picture < 300; picture++) bench.give(update([stripe(0, picture)]), { sequence: picture });
    expect(bench.refreshes().at(-1)).toEqual([0, 1, 2, 3]);
    expect(bench.picture.queued).toBeLessThan(100);
    bench.give(update([0, 1, 2, 3].map((index) => stripe(index, 400, true))), { sequence: 400 });
    bench.decoded([0, 400], [1, 400], [2, 400], [3, 400]);
    expect(bench.shown()).toContain(400);
  });

  it("ignore stripes that the layout does not have", () => {
    const bench = started().give(update([stripe(9, 1), stripe(0, 2)]));
    expect(bench.fed()).toEqual([[0, 2]]);
  });
});
