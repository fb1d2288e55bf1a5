// The canvas. Shows a plan in one synchronous burst, so that no update is ever seen in part. Owns canvas and draw path.

import type { TileDraw } from "../core/pending";
import type { Draw, Plan } from "../core/plan";
import { bounds } from "../core/rects";
import { decodeQuickTile } from "../wire/quick-tile";
import { decodeTile } from "../wire/tile";
import { type Copy, type Layout, QUICK, type Rect } from "../wire/update";
import type { Decoders } from "./decoders";
import { type DrawPath, readPiece, timeDrawPaths } from "./draw-path";

/** More rectangles than this from one picture are read in one call, which costs less than their calls, and drawn one by one. */
const FEW = 12;

interface Piece {
  frame: VideoFrame;
  /** What is read of the frame. */
  rect: Rect;
  /** What is drawn of it, in the frame. */
  draw: Rect[];
  /** The frame's first row on the canvas. */
  top: number;
  image: ImageData | null;
}

interface TilePiece {
  image: ImageData;
  at: Rect;
  draw: Rect[];
}

/** What could not be shown of a plan. */
export interface Failed {
  tiles: Rect[];
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

  isOn(canvas: HTMLCanvasElement): boolean {
    return this.#canvas === canvas;
  }

  /**
   * Shows `plan`; resolves when it is on the canvas, which it is before this returns when it has no pictures. `isCurrent` says whether it is
   * still wanted when its pixels are there.
   */
  async paint(plan: Plan, layout: Layout, decoders: Decoders, isCurrent: () => boolean): Promise<Failed> {
    for (const { stripe, picture } of plan.replaced) decoders.take(stripe, picture)?.close();
    const pieces = plan.draws.flatMap((draw) => piecesOf(draw, layout, decoders));
    const failed: Failed = { tiles: [] };
    try {
      if (pieces.length > 0 && this.#path === "copy") await this.#read(pieces);
      if (isCurrent()) this.#burst(plan, layout, pieces, readTiles(plan.tiles, failed));
      return failed;
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
  #burst(plan: Plan, layout: Layout, pieces: Piece[], tiles: TilePiece[]): void {
    const { width, height } = layout;
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
      this.#context.imageSmoothingEnabled = false;
    }
    for (const copy of plan.copies) this.#copy(copy);
    for (const { frame, rect, draw, top, image } of pieces) {
      for (const { x, y, width, height } of draw) {
        if (image) this.#put(image, rect.x, top + rect.y, { x: x - rect.x, y: y - rect.y, width, height });
        else this.#context.drawImage(frame, x, y, width, height, x, top + y, width, height);
      }
    }
    for (const { image, at, draw } of tiles) {
      for (const part of draw) this.#put(image, at.x, at.y, { ...part, x: part.x - at.x, y: part.y - at.y });
    }
  }

  /** Draws `part` of an image that lies at `x`, `y`. */
  #put(image: ImageData, x: number, y: number, part: Rect): void {
    this.#context.putImageData(image, x, y, part.x, part.y, part.width, part.height);
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
  const rects = draw.rects.flatMap((rect) => {
    const width = Math.min(rect.width, (visibleRect?.width ?? 0) - rect.x);
    const height = Math.min(rect.height, (visibleRect?.height ?? 0) - rect.y);
    return width > 0 && height > 0 ? [{ ...rect, width, height }] : [];
  });
  const top = draw.stripe * layout.stripeHeight;
  const piece = (rect: Rect, parts: Rect[]): Piece => ({ frame, rect, draw: parts, top, image: null });
  const pieces = rects.length > FEW ? [piece(bounds(rects), rects)] : rects.map((rect) => piece(rect, [rect]));
  if (pieces.length === 0) frame.close();
  return pieces;
}

/** The pixels of tiles; which cannot be read is told. */
function readTiles(tiles: TileDraw[], failed: Failed): TilePiece[] {
  return tiles.flatMap(({ tile, draw }) => {
    const { rect, data, format } = tile;
    const decode = format === QUICK ? decodeQuickTile : decodeTile;
    try {
      const image = new ImageData(decode(data, rect.width, rect.height), rect.width, rect.height);
      return [{ image, at: rect, draw }];
    } catch {
      failed.tiles.push(rect);
      return [];
    }
  });
}
