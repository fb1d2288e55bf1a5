// The canvas. Shows a plan in one synchronous burst, so that no update is ever seen in part. Owns canvas and draw path.

import type { Draw, Plan } from "../core/plan";
import type { Copy, Layout, Rect } from "../wire/update";
import type { Decoders } from "./decoders";
import { type DrawPath, readPiece, timeDrawPaths } from "./draw-path";

interface Piece {
  frame: VideoFrame;
  /** In the frame. */
  rect: Rect;
  /** On the canvas. */
  x: number;
  y: number;
  image: ImageData | null;
}

export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #scratch: CanvasRenderingContext2D;
  #path: DrawPath = "copy";
  #isTimed = false;
  /** The last image of each place in a plan: most updates have the same few sizes. */
  readonly #images = new Map<string, ImageData>();

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    const context = canvas.getContext("2d", { alpha: false, desynchronized: true });
    if (!context) throw new Error("the browser gives no canvas");
    context.imageSmoothingEnabled = false;
    this.#context = context;
    this.#scratch = scratch(canvas);
  }

  get path(): DrawPath {
    return this.#path;
  }

  /** Shows `plan`; resolves when it is on the canvas. `isCurrent` says whether it is still wanted when its pixels are there. */
  async paint(plan: Plan, layout: Layout, decoders: Decoders, isCurrent: () => boolean): Promise<void> {
    for (const { stripe, picture } of plan.replaced) decoders.take(stripe, picture)?.close();
    const pieces = plan.draws.flatMap((draw) => piecesOf(draw, layout, decoders));
    try {
      if (this.#path === "copy") await this.#read(pieces);
      if (isCurrent()) this.#burst(plan, layout, pieces);
    } finally {
      this.#timeOnce(pieces);
      for (const frame of new Set(pieces.map((piece) => piece.frame))) frame.close();
    }
  }

  clear(): void {
    this.#context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  async #read(pieces: Piece[]): Promise<void> {
    try {
      await Promise.all(
        pieces.map(async (piece, index) => {
          const place = `${index}`;
          piece.image = await readPiece(piece.frame, piece.rect, this.#images.get(place) ?? null);
          this.#images.set(place, piece.image);
        }),
      );
    } catch {
      // This browser does not convert; drawing does.
      this.#path = "image";
      for (const piece of pieces) piece.image = null;
    }
  }

  /** No `await` in here: that is what makes an update whole. */
  #burst(plan: Plan, layout: Layout, pieces: Piece[]): void {
    const { width, height } = layout;
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#context.imageSmoothingEnabled = false;
    }
    for (const copy of plan.copies) this.#copy(copy);
    for (const { frame, rect, x, y, image } of pieces) {
      if (image) this.#context.putImageData(image, x, y);
      else this.#context.drawImage(frame, rect.x, rect.y, rect.width, rect.height, x, y, rect.width, rect.height);
    }
  }

  /** By way of another canvas: drawing a canvas onto itself costs a snapshot of all of it (10 ms at 1080p, against 0.5). */
  #copy({ source, x, y }: Copy): void {
    const width = Math.min(source.width, this.#canvas.width - source.x);
    const height = Math.min(source.height, this.#canvas.height - source.y);
    if (width <= 0 || height <= 0) return;
    const { canvas } = this.#scratch;
    if (canvas.width < width || canvas.height < height) this.#scratch = scratch(this.#canvas);
    this.#scratch.drawImage(this.#canvas, source.x, source.y, width, height, 0, 0, width, height);
    this.#context.drawImage(this.#scratch.canvas, 0, 0, width, height, x, y, width, height);
  }

  #timeOnce(pieces: Piece[]): void {
    const [first] = pieces;
    if (this.#isTimed || !first) return;
    this.#isTimed = true;
    void timeDrawPaths(first.frame.clone()).then((path) => (this.#path = path));
  }
}

/** As large as `like`, and never seen. */
function scratch(like: HTMLCanvasElement): CanvasRenderingContext2D {
  const canvas = document.createElement("canvas");
  canvas.width = like.width;
  canvas.height = like.height;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("the browser gives no canvas");
  context.imageSmoothingEnabled = false;
  return context;
}

/** What to draw of one picture; rectangles that its frame does not have are left out. */
function piecesOf(draw: Draw, layout: Layout, decoders: Decoders): Piece[] {
  const frame = decoders.take(draw.stripe, draw.picture);
  if (!frame) return [];
  const { visibleRect } = frame;
  const pieces = draw.rects.flatMap((rect) => {
    const width = Math.min(rect.width, (visibleRect?.width ?? 0) - rect.x);
    const height = Math.min(rect.height, (visibleRect?.height ?? 0) - rect.y);
    if (width <= 0 || height <= 0) return [];
    return [
      {
        frame,
        rect: { ...rect, width, height },
        x: rect.x,
        y: draw.stripe * layout.stripeHeight + rect.y,
        image: null,
      },
    ];
  });
  if (pieces.length === 0) frame.close();
  return pieces;
}
