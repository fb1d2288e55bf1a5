// What to do to the canvas in one go. Pure: merges updates that are ready, newest picture of each stripe, all their rectangles.

import type { Copy, Rect } from "../wire/update";
import type { Pending, TileDraw } from "./pending";
import { few } from "./rects";

export interface Draw {
  stripe: number;
  picture: number;
  /** In the stripe's rows. */
  rects: Rect[];
}

export interface Plan {
  updates: Pending[];
  /** Done before the draws. */
  copies: Copy[];
  draws: Draw[];
  /** Done after the draws, in this order. */
  tiles: TileDraw[];
  /** Pictures that a newer one of the same stripe replaces or has overtaken; their frames can go. */
  replaced: { stripe: number; picture: number }[];
}

/**
 * Takes from the front of `ready` what one burst can show. An update with copies begins a burst of its own, and so does one with pictures
 * after tiles: within a burst tiles come last.
 */
export function takePlan(ready: Pending[]): Plan | null {
  if (ready.length === 0) return null;
  let count = 1;
  let hasTiles = ready[0]!.tiles.length > 0;
  for (; count < ready.length; count++) {
    const { copies, parts, tiles } = ready[count]!;
    if (copies.length > 0 || (hasTiles && parts.some((part) => part.draw.length > 0))) break;
    hasTiles ||= tiles.length > 0;
  }
  const updates = ready.splice(0, count);
  const newest = new Map<number, Draw>();
  const replaced: Plan["replaced"] = [];
  for (const part of updates.flatMap((update) => update.parts)) {
    if (part.state === "overtaken") replaced.push({ stripe: part.stripe, picture: part.picture });
    if (part.state !== "decoded") continue;
    const older = newest.get(part.stripe);
    if (older) replaced.push({ stripe: older.stripe, picture: older.picture });
    const rects = [...(older?.rects ?? []), ...part.draw];
    newest.set(part.stripe, { stripe: part.stripe, picture: part.picture, rects });
  }
  const draws = [...newest.values()].map((draw) => ({ ...draw, rects: few(draw.rects) }));
  const tiles = updates.flatMap((update) => update.tiles);
  return { updates, copies: updates[0]!.copies, draws, tiles, replaced };
}
