// Late draws leave out what is newer; the same cases as in viewer/src/order/blocks.rs.
import { describe, expect, it } from "vitest";

import type { Rect } from "../wire/update";
import { Blocks } from "./blocks";

const rect = (x: number, y: number, width: number, height: number): Rect => ({ x, y, width, height });
const LAYOUT = { width: 70, height: 40, stripeHeight: 16 };

describe("blocks", () => {
  it("leave out of what is late what is newer", () => {
    const blocks = new Blocks(LAYOUT);
    const all = rect(0, 0, 70, 40);
    expect(blocks.draw(all, 1)).toEqual([all]);
    expect(blocks.draw(rect(16, 16, 16, 16), 5)).toEqual([rect(16, 16, 16, 16)]);
    expect(blocks.draw(all, 4)).toEqual([rect(0, 0, 70, 16), rect(0, 16, 16, 16), rect(32, 16, 38, 16), rect(0, 32, 70, 8)]);
    expect(blocks.draw(rect(16, 16, 16, 16), 4)).toEqual([]);
    expect(blocks.draw(all, 5)).toEqual([all]);
  });

  it("know what is newer, and count no edge that only touches", () => {
    const blocks = new Blocks(LAYOUT);
    blocks.draw(rect(16, 16, 16, 16), 5);
    expect(blocks.isNewer(rect(0, 0, 17, 17), 4)).toBe(true);
    expect(blocks.isNewer(rect(0, 0, 17, 17), 5)).toBe(false);
    expect(blocks.isNewer(rect(0, 0, 16, 40), 4)).toBe(false);
    expect(blocks.isNewer(rect(65_520, 65_520, 9, 9), 0)).toBe(false);
  });

  it("are not reached by hostile rectangles", () => {
    const blocks = new Blocks(LAYOUT);
    blocks.draw(rect(16, 16, 16, 16), 9);
    for (const wild of [rect(65_520, 65_520, 9, 9), rect(0, 0, 65_535, 65_535), rect(3, 3, 0, 0)]) blocks.draw(wild, 2);
    expect(blocks.draw(rect(16, 16, 16, 16), 3)).toEqual([]);
  });
});
