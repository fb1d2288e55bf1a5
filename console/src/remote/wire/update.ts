// The payload of an update: what changed on the screen, coded. Owns reading it; what it means for the picture is core's.

import { ByteReader, Malformed } from "./bytes";
import { limits } from "./limits";

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** How the screen is cut: full-width stripes of `stripeHeight` rows, the last one possibly lower. */
export interface Layout {
  width: number;
  height: number;
  stripeHeight: number;
}

/** Moves `source` to (`x`, `y`) on the canvas. */
export interface Copy {
  source: Rect;
  x: number;
  y: number;
}

/**
 * next: needs the one before it; key: a decoder may begin with it, but it has its turn after the one before; anew: stands for all
 * before it, and whatever is missed of the stripe comes again.
 */
export type PictureKind = "next" | "key" | "anew";

export interface Stripe {
  index: number;
  /** Counts this stripe's pictures in this epoch, starting at 1. */
  picture: number;
  kind: PictureKind;
  draw: Rect[];
  /** H.264 Annex B; empty in a picture that changes nothing and only takes its turn. */
  data: Uint8Array;
}

/** The formats of tiles, both exact: see tile.ts; far less work and about twice the bytes: see quick-tile.ts. */
export const SMALL = 1;
export const QUICK = 2;

/** The form of updates that this page reads: the first byte of each. */
export const FORMAT = 4;

/** An update in another form: the agent is newer than this page, or older. */
export class OtherForm extends Malformed {
  constructor(readonly theirs: number) {
    super(`the picture comes in form ${theirs}, this page reads form ${FORMAT}`);
    this.name = "OtherForm";
  }
}

/** A rectangle that needs no decoder. */
export interface Tile {
  /** Begins at whole 16x16 blocks. */
  rect: Rect;
  format: number;
  data: Uint8Array;
}

/** What each stage before sending took, in microseconds. */
export interface StageTimes {
  waitUs: number;
  grabUs: number;
  convertUs: number;
  encodeUs: number;
}

export interface Update {
  epoch: number;
  layout: Layout | null;
  stages: StageTimes;
  qp: number;
  /** The newest input that had been injected when the pixels were grabbed; 0 for none. */
  input: number;
  /** Updates that must be shown before this one. */
  follows: number[];
  copies: Copy[];
  stripes: Stripe[];
  tiles: Tile[];
}

export function stripeCount(layout: Layout): number {
  return Math.ceil(layout.height / layout.stripeHeight);
}

function readLayout(reader: ByteReader): Layout {
  const layout = { width: reader.u16(), height: reader.u16(), stripeHeight: reader.u16() };
  for (const side of [layout.width, layout.height, layout.stripeHeight]) {
    if (side === 0 || side > limits.screenSide) throw new Malformed(`a screen side is ${side}`);
  }
  if (layout.stripeHeight % 16 !== 0 || stripeCount(layout) > limits.stripes) {
    throw new Malformed(`stripe height is ${layout.stripeHeight}`);
  }
  return layout;
}

function readRect(reader: ByteReader): Rect {
  const rect = { x: reader.u16(), y: reader.u16(), width: reader.u16(), height: reader.u16() };
  const reach = Math.max(rect.x + rect.width, rect.y + rect.height);
  if (reach > limits.screenSide + 16) throw new Malformed(`a rectangle reaches to ${reach}`);
  return rect;
}

/** By the lowest bits of a stripe's flags. */
const KINDS: PictureKind[] = ["next", "key", "next", "anew"];

function readStripe(reader: ByteReader): Stripe {
  const index = reader.count("stripe", reader.u8(), limits.stripes - 1);
  const picture = reader.u32();
  const kind = KINDS[reader.u8() & 3]!;
  const draw = list(reader.count("number of rectangles", reader.u8(), limits.rectsPerStripe), () => readRect(reader));
  const data = reader.take(reader.u32());
  if (data.length === 0 && (kind !== "next" || draw.length > 0)) throw new Malformed("an empty picture draws something");
  return { index, picture, kind, draw, data };
}

/** Tiles are small enough, each and together, before anybody makes room for their pixels. */
function readTiles(reader: ByteReader): Tile[] {
  let all = 0;
  return list(reader.count("number of tiles", reader.u16(), limits.tiles), () => {
    const rect = readRect(reader);
    const pixels = rect.width * rect.height;
    if (pixels === 0 || rect.x % 16 !== 0 || rect.y % 16 !== 0) throw new Malformed(`a tile begins at ${rect.x}, ${rect.y}`);
    reader.count("pixels of a tile", pixels, limits.tilePixels);
    all = reader.count("pixels of tiles", all + pixels, limits.updateTilePixels);
    return { rect, format: reader.u8(), data: reader.take(reader.u32()) };
  });
}

function list<T>(count: number, read: () => T): T[] {
  const items: T[] = [];
  for (let index = 0; index < count; index++) items.push(read());
  return items;
}

/** Reads an update; coded data stays a view into `bytes`. */
export function decodeUpdate(bytes: Uint8Array): Update {
  const reader = new ByteReader(bytes);
  reader.count("update", bytes.length, limits.updateBytes);
  const form = reader.u8();
  if (form !== FORMAT) throw new OtherForm(form);
  const epoch = reader.u32();
  const layout = reader.u8() & 1 ? readLayout(reader) : null;
  const stages = {
    waitUs: reader.u32(),
    grabUs: reader.u32(),
    convertUs: reader.u32(),
    encodeUs: reader.u32(),
  };
  const qp = reader.u8();
  const input = reader.u32();
  const follows = list(reader.count("number of updates to follow", reader.u8(), limits.follows), () => reader.u32());
  const copies = list(reader.count("number of copies", reader.u8(), limits.copies), () => ({
    source: readRect(reader),
    x: reader.u16(),
    y: reader.u16(),
  }));
  const stripes = list(reader.count("number of stripes", reader.u8(), limits.stripes), () => readStripe(reader));
  const tiles = readTiles(reader);
  reader.end();
  return { epoch, layout, stages, qp, input, follows, copies, stripes, tiles };
}
