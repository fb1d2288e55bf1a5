// Wheel turns in 1/120 of a notch, from what browsers tell (pixels, lines or pages). Keeps the fraction that is left over.

/** Chromium and Firefox move 100-120 pixels, or 3 lines, a notch. */
const PIXELS_PER_NOTCH = 100;
const LINES_PER_NOTCH = 3;
const NOTCH = 120;
const LIMIT = 32_767;

export interface Turn {
  deltaX: number;
  deltaY: number;
  /** 0 pixels, 1 lines, 2 pages. */
  deltaMode: number;
}

export class Wheel {
  #restX = 0;
  #restY = 0;

  /** Whole units to send; both zero when it is less than one. */
  turn(turn: Turn): { dx: number; dy: number } {
    const perNotch = [PIXELS_PER_NOTCH, LINES_PER_NOTCH, 1][turn.deltaMode] ?? PIXELS_PER_NOTCH;
    this.#restX += (turn.deltaX / perNotch) * NOTCH;
    this.#restY += (turn.deltaY / perNotch) * NOTCH;
    const [dx, dy] = [whole(this.#restX), whole(this.#restY)];
    this.#restX -= dx;
    this.#restY -= dy;
    return { dx, dy };
  }
}

/** Towards zero, within 16 bits, and never -0. */
function whole(value: number): number {
  return Math.max(Math.min(Math.trunc(value), LIMIT), -LIMIT) + 0;
}
