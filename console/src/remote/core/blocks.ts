// The newest update that drew in each 16x16 block, so that what comes late never overwrites something newer. Owns no pixels.

import type { Layout, Rect } from "../wire/update";

const SIDE = 16;

export class Blocks {
  readonly #columns: number;
  readonly #rows: number;
  readonly #newest: Uint32Array;

  constructor(layout: Layout) {
    this.#columns = Math.ceil(layout.width / SIDE);
    this.#rows = Math.ceil(layout.height / SIDE);
    this.#newest = new Uint32Array(this.#columns * this.#rows);
  }

  /** What of `rect` nothing newer than `sequence` drew; from now on that is drawn by `sequence`. */
  draw(rect: Rect, sequence: number): Rect[] {
    const parts: Rect[] = [];
    let isWhole = true;
    const [left, right] = [Math.floor(rect.x / SIDE), Math.min(Math.ceil((rect.x + rect.width) / SIDE), this.#columns)];
    const bottom = Math.min(Math.ceil((rect.y + rect.height) / SIDE), this.#rows);
    for (let row = Math.floor(rect.y / SIDE); row < bottom; row++) {
      let from = -1;
      for (let column = left; column <= right; column++) {
        const at = row * this.#columns + column;
        const isMine = column < right && this.#newest[at]! <= sequence;
        if (isMine) {
          this.#newest[at] = sequence;
          if (from < 0) from = column;
        } else {
          if (column < right) isWhole = false;
          if (from >= 0) parts.push(partOf(rect, row, from, column));
          from = -1;
        }
      }
    }
    return isWhole ? [rect] : parts;
  }

  /** Whether something newer than `sequence` drew under `rect`. */
  isNewer(rect: Rect, sequence: number): boolean {
    const right = Math.min(Math.ceil((rect.x + rect.width) / SIDE), this.#columns);
    const bottom = Math.min(Math.ceil((rect.y + rect.height) / SIDE), this.#rows);
    for (let row = Math.floor(rect.y / SIDE); row < bottom; row++) {
      for (let column = Math.floor(rect.x / SIDE); column < right; column++) {
        if (this.#newest[row * this.#columns + column]! > sequence) return true;
      }
    }
    return false;
  }
}

/** The part of `rect` in these blocks. */
function partOf(rect: Rect, row: number, from: number, to: number): Rect {
  const [x, y] = [Math.max(rect.x, from * SIDE), Math.max(rect.y, row * SIDE)];
  const right = Math.min(rect.x + rect.width, to * SIDE);
  const bottom = Math.min(rect.y + rect.height, (row + 1) * SIDE);
  return { x, y, width: right - x, height: bottom - y };
}
