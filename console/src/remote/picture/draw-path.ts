// Two ways from a decoded frame to a canvas, and which is quicker here. `copyTo` converts only the rectangle but reads a frame
// back from a graphics card; `drawImage` converts the whole frame but may stay on the card. Measured at start, not guessed.

import type { Rect } from "../wire/update";

export type DrawPath = "copy" | "image";

/** The card's way must win clearly: it also holds converted frames in memory. */
const CLEARLY = 0.7;
const ROUNDS = 3;
/** Timed on a piece of this size, about what typing and small dialogs change. */
const PIECE = { width: 256, height: 64 };

export function quicker(copyMs: number[], imageMs: number[]): DrawPath {
  return median(imageMs) < median(copyMs) * CLEARLY ? "image" : "copy";
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.POSITIVE_INFINITY;
}

/** Times both ways with `frame`, which is closed afterwards. */
export async function timeDrawPaths(frame: VideoFrame): Promise<DrawPath> {
  const visible = frame.visibleRect;
  if (!visible) {
    frame.close();
    return "copy";
  }
  const rect: Rect = {
    x: 0,
    y: 0,
    width: Math.min(PIECE.width, visible.width),
    height: Math.min(PIECE.height, visible.height),
  };
  const [copyMs, imageMs]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      copyMs.push(await timed((context) => copyPiece(context, frame, rect)));
      imageMs.push(await timed((context) => drawPiece(context, frame, rect)));
    }
  } catch {
    // Whatever could not be done has no time, and the other way is taken.
  } finally {
    frame.close();
  }
  return copyMs.length === 0 ? "image" : quicker(copyMs, imageMs);
}

async function copyPiece(context: OffscreenCanvasRenderingContext2D, frame: VideoFrame, rect: Rect): Promise<void> {
  context.putImageData(await readPiece(frame, rect, null), 0, 0);
}

function drawPiece(context: OffscreenCanvasRenderingContext2D, frame: VideoFrame, rect: Rect): Promise<void> {
  const { x, y, width, height } = rect;
  context.drawImage(frame, x, y, width, height, 0, 0, width, height);
  return Promise.resolve();
}

/** On a canvas of its own; reading one pixel makes it finish what it put off, and both ways pay for that alike. */
async function timed(work: (context: OffscreenCanvasRenderingContext2D) => Promise<void>): Promise<number> {
  const context = new OffscreenCanvas(PIECE.width, PIECE.height).getContext("2d", { alpha: false });
  if (!context) return Number.POSITIVE_INFINITY;
  const start = performance.now();
  await work(context);
  context.getImageData(0, 0, 1, 1);
  return performance.now() - start;
}

/** A rectangle of a frame as RGBA, in `reuse` when that has the right size. */
export async function readPiece(frame: VideoFrame, rect: Rect, reuse: ImageData | null): Promise<ImageData> {
  const fits = reuse?.width === rect.width && reuse.height === rect.height;
  const image = fits ? reuse : new ImageData(rect.width, rect.height);
  await frame.copyTo(image.data, { rect, format: "RGBA" });
  return image;
}
