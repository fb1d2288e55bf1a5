// The end user's pointer on this side: its shapes, and where and how it is shown. The technician who has the controls sees
// their own pointer in the remote shape, without any delay; the remote one appears only when somebody else moves it.

import type { CursorPosition, CursorShape } from "../wire/cursor";

/** Shapes that are remembered; a screen uses a few dozen. */
const SHAPES = 128;
/** Browsers refuse larger images as a pointer. */
const LARGEST_CSS = 128;
/** The remote pointer is somebody else's when it is this far from where ours was sent, */
const ELSEWHERE_PIXELS = 12;
/** and ours has been still for this long. */
const STILL_MS = 400;

export interface Place {
  x: number;
  y: number;
}

export class CursorState {
  readonly #shapes = new Map<number, CursorShape>();
  #position: CursorPosition | null = null;
  #sequence = 0;

  /** The newest position wins; shapes come reliably and count for themselves. */
  handle(cursor: CursorPosition | CursorShape, sequence: number): void {
    if (cursor.kind === "shape") {
      this.#shapes.delete(cursor.id);
      this.#shapes.set(cursor.id, cursor);
      const [oldest] = this.#shapes.keys();
      if (this.#shapes.size > SHAPES && oldest !== undefined) this.#shapes.delete(oldest);
      return;
    }
    if (sequence <= this.#sequence) return;
    this.#sequence = sequence;
    this.#position = cursor;
  }

  /** A new stream begins, perhaps another agent's: its positions count anew. */
  clear(): void {
    this.#position = null;
    this.#sequence = 0;
  }

  get position(): CursorPosition | null {
    return this.#position;
  }

  /** The shape at the newest position; null while it is hidden or its image has not come. */
  get shape(): CursorShape | null {
    return this.#position ? (this.#shapes.get(this.#position.shape) ?? null) : null;
  }

  get isHidden(): boolean {
    return this.#position?.shape === 0;
  }
}

/** Whether to show the remote pointer as a picture of its own beside the technician's. */
export function showsRemotePointer(
  remote: Place | null,
  mine: { controls: boolean; over: boolean; sent: Place | null; sentAt: number },
  now: number,
): boolean {
  if (!remote) return false;
  if (!mine.controls || !mine.over || !mine.sent) return true;
  const isElsewhere = Math.hypot(remote.x - mine.sent.x, remote.y - mine.sent.y) > ELSEWHERE_PIXELS;
  return isElsewhere && now - mine.sentAt > STILL_MS;
}

/** A shape as an image address. */
export function imageOf(shape: CursorShape): string {
  const canvas = document.createElement("canvas");
  canvas.width = shape.width;
  canvas.height = shape.height;
  const image = new ImageData(new Uint8ClampedArray(shape.rgba), shape.width, shape.height);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
  return canvas.toDataURL("image/png");
}

/** The CSS `cursor` that looks like `shape`. */
export function cssCursor(shape: CursorShape | null, isHidden: boolean): string {
  if (isHidden) return "none";
  if (!shape || shape.width === 0 || shape.height === 0) return "default";
  if (Math.max(shape.width, shape.height) > LARGEST_CSS) return "default";
  const hotX = Math.min(shape.hotX, shape.width - 1);
  const hotY = Math.min(shape.hotY, shape.height - 1);
  return `url(${imageOf(shape)}) ${hotX} ${hotY}, default`;
}
