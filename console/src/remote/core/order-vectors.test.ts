// The order of updates, by the cases that both viewers share (protocol/vectors/order.json; in Rust: viewer/tests/order_vectors.rs).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { SMALL, type PictureKind, type Rect, type Update } from "../wire/update";
import { Picture } from "./picture";

type Sides = [x: number, y: number, width: number, height: number];
interface Step {
  sequence: number;
  class: number;
  follows: number[];
  copies: { source: Sides; x: number; y: number }[];
  stripes: { index: number; picture: number; key: boolean; in_order?: boolean; draw: Sides[] }[];
  tiles: Sides[];
  shown: object[];
  refresh: number[];
}

const PATH = join(import.meta.dirname, "../../../../protocol/vectors/order.json");
const vectors = JSON.parse(readFileSync(PATH, "utf8")) as {
  layout: { width: number; height: number; stripe_height: number };
  cases: { name: string; steps: Step[] }[];
};
const { width, height, stripe_height: stripeHeight } = vectors.layout;

const rect = ([x, y, w, h]: Sides): Rect => ({ x, y, width: w, height: h });
const sides = (of: Rect): Sides => [of.x, of.y, of.width, of.height];

function update(step: Step): Update {
  return {
    epoch: 1,
    layout: step.sequence === 1 ? { width, height, stripeHeight } : null,
    stages: { waitUs: 0, grabUs: 0, convertUs: 0, encodeUs: 0 },
    qp: 24,
    input: 0,
    follows: step.follows,
    copies: step.copies.map(({ source, x, y }) => ({ source: rect(source), x, y })),
    stripes: step.stripes.map(({ index, picture, key, in_order: inOrder, draw }) => {
      const kind: PictureKind = !key ? "next" : inOrder ? "key" : "anew";
      return { index, picture, kind, draw: draw.map(rect), data: Uint8Array.of(0) };
    }),
    tiles: step.tiles.map((tile) => ({ rect: rect(tile), format: SMALL, data: Uint8Array.of(0) })),
  };
}

/** What a step shows, and asks for; decoders take no time here. */
function take(picture: Picture): { shown: object[]; refresh: number[] } {
  const refresh: number[] = [];
  for (let effect = picture.pollEffect(); effect; effect = picture.pollEffect()) {
    if (effect.kind === "decode") picture.handleDecoded(effect.stripe, effect.picture, 0);
    if (effect.kind === "refresh") refresh.push(...effect.stripes);
  }
  const shown: { sequence: number }[] = [];
  for (let plan = picture.takePlan(); plan; plan = picture.takePlan()) {
    for (const { sequence, copies, parts, tiles } of plan.updates) {
      const stripes = parts
        .filter((part) => part.state === "decoded")
        .map(({ stripe, picture: number, draw }) => {
          const screen = draw.map((one) => sides({ ...one, y: one.y + stripe * stripeHeight }));
          return { index: stripe, picture: number, draw: screen };
        });
      const copied = copies.map(({ source, x, y }) => [...sides(source), x, y]);
      shown.push({ sequence, copies: copied, stripes, tiles: tiles.map(({ draw }) => draw.map(sides)) } as never);
    }
  }
  shown.sort((one, other) => one.sequence - other.sequence);
  return { shown, refresh };
}

describe("the order of updates", () => {
  it.each(vectors.cases)("$name", ({ steps }) => {
    const picture = new Picture();
    for (const step of steps) {
      picture.handleUpdate(step.class, step.sequence, update(step), { at: 0, spread: 0, bytes: 9, age: 0 }, 0);
      const { shown, refresh } = take(picture);
      const expected = [...(step.shown as { sequence: number }[])].sort((one, other) => one.sequence - other.sequence);
      expect({ sequence: step.sequence, shown, refresh }).toEqual({ sequence: step.sequence, shown: expected, refresh: step.refresh });
    }
  });
});
