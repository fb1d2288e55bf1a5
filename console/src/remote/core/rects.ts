// Rectangles to draw: made safe, made whole macroblocks, made fewer. Pure geometry.

import type { Layout, Rect } from "../wire/update";

const BLOCK = 16;

function up(value: number): number {
  return Math.ceil(value / BLOCK) * BLOCK;
}

/** Where stripe `index` lies on the screen; its coded picture is rounded up to whole macroblocks. */
export function codedStripe(layout: Layout, index: number): Rect {
  const y = index * layout.stripeHeight;
  const height = Math.min(layout.stripeHeight, layout.height - y);
  return { x: 0, y, width: up(layout.width), height: up(height) };
}

/** `rect` of the screen as whole macroblocks of stripe `index`, in the stripe's own rows; null when nothing of it is there. */
export function withinStripe(rect: Rect, layout: Layout, index: number): Rect | null {
  const stripe = codedStripe(layout, index);
  const left = Math.floor(rect.x / BLOCK) * BLOCK;
  const top = Math.max(Math.floor(rect.y / BLOCK) * BLOCK, stripe.y);
  const right = Math.min(up(rect.x + rect.width), stripe.width);
  const bottom = Math.min(up(rect.y + rect.height), stripe.y + stripe.height);
  if (rect.width === 0 || rect.height === 0 || right <= left || bottom <= top) return null;
  return { x: left, y: top - stripe.y, width: right - left, height: bottom - top };
}

function contains(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Fewer rectangles that cover exactly `rects`, all from one picture. */
export function few(rects: Rect[]): Rect[] {
  const kept: Rect[] = [];
  for (const rect of rects) {
    if (kept.some((other) => contains(other, rect))) continue;
    for (let at = kept.length - 1; at >= 0; at--) if (contains(rect, kept[at]!)) kept.splice(at, 1);
    kept.push(rect);
  }
  return kept;
}

/** The smallest rectangle around all of `rects`. */
export function bounds(rects: Rect[]): Rect {
  const x = Math.min(...rects.map((rect) => rect.x));
  const y = Math.min(...rects.map((rect) => rect.y));
  const right = Math.max(...rects.map((rect) => rect.x + rect.width));
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height));
  return { x, y, width: right - x, height: bottom - y };
}
