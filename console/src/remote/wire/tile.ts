// Lossless tiles: any bytes become the pixels of a rectangle (docs/protocol.md, "Lossless tiles"). Owns reading one tile; where it
// goes on the canvas is the painter's. Written for speed: one pass, no objects per pixel.

import { Malformed } from "./bytes";
import { limits } from "./limits";

const PACE = [1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5];
const MEMORY = 1 << 12;
const RECENT = 16;
/** Where each kind of decision keeps its chances. */
const SAME_ROW = 0;
const RUNS = SAME_ROW + 4;
const LONGER = RUNS + 2 * 17;
const REMEMBERED = LONGER + 17;
const NEIGHBOUR = REMEMBERED + 32;
const LATELY = NEIGHBOUR + 64;
const WHICH = LATELY + 2;
const LENGTHS = WHICH + RECENT;
const TOP_BITS = LENGTHS + 3 * 9 * 16;
const CHANCES = TOP_BITS + 3 * 9;
const CHANNELS = [8, 16, 0];

/** Kept for their memory: tiles are read one after the other. */
const chances = new Uint16Array(CHANCES);
const seen = new Uint8Array(CHANCES);
const colours = new Int32Array(MEMORY);
const trust = new Uint8Array(MEMORY);
const recent = new Int32Array(RECENT);

let data: Uint8Array = new Uint8Array(0);
let next = 0;
let code = 0;
let range = 0;

function begin(bytes: Uint8Array): void {
  data = bytes;
  next = code = 0;
  range = 0xffff_ffff;
  for (let count = 0; count < 4; count++) code = ((code << 8) | (next < data.length ? data[next++]! : 0)) >>> 0;
  chances.fill(2048);
  seen.fill(0);
  colours.fill(0);
  trust.fill(0);
  recent.fill(0);
  wholeBefore = 0;
}

function bit(at: number): 0 | 1 {
  const chance = chances[at]!;
  const times = seen[at]!;
  const bound = (range >>> 12) * chance;
  let one: 0 | 1 = 0;
  if (code >= bound) {
    one = 1;
    code -= bound;
    range -= bound;
    chances[at] = Math.max(chance - (chance >> PACE[times]!), 1);
  } else {
    range = bound;
    chances[at] = Math.min(chance + ((4096 - chance) >> PACE[times]!), 4095);
  }
  if (times < 15) seen[at] = times + 1;
  if (range < 0x100_0000) renew();
  return one;
}

function renew(): void {
  while (range < 0x100_0000) {
    code = ((code << 8) | (next < data.length ? data[next++]! : 0)) >>> 0;
    range = (range << 8) >>> 0;
  }
}

/** `count` bits that are as often one as zero. */
function raw(count: number): number {
  if (count === 0) return 0;
  range >>>= count;
  const value = Math.min(Math.floor(code / range), (1 << count) - 1);
  code -= value * range;
  if (range < 0x100_0000) renew();
  return value;
}

/** What left, above and above left suggest. */
function gradient(left: number, above: number, corner: number): number {
  const low = left < above ? left : above;
  const high = left < above ? above : left;
  if (corner >= high) return low;
  if (corner <= low) return high;
  return left + above - corner;
}

/** A folded distance: how many bits it has, then the bits. */
let lastLength = 0;
function distance(channel: number): number {
  const lengths = LENGTHS + (channel * 9 + lastLength) * 16;
  let node = 1;
  while (node < 16) node = (node << 1) | bit(lengths + node);
  const length = Math.min(node - 16, 8);
  lastLength = length;
  if (length < 2) return length;
  const top = bit(TOP_BITS + channel * 9 + length);
  return ((2 | top) << (length - 2)) | raw(length - 2);
}

/** A colour never seen, or not lately. */
function fresh(left: number, above: number, corner: number): number {
  let colour = 0;
  let green = 0;
  lastLength = 0;
  for (let channel = 0; channel < 3; channel++) {
    const shift = CHANNELS[channel]!;
    const expected = gradient((left >> shift) & 255, (above >> shift) & 255, (corner >> shift) & 255) + green;
    const folded = distance(channel);
    const step = (folded >> 1) ^ -(folded & 1);
    if (channel === 0) green = step;
    colour |= ((expected + step) & 255) << shift;
  }
  return colour;
}

/** A pixel that is not as guessed. */
function other(left: number, above: number, aboveRight: number, corner: number, guess: number, likeness: number): number {
  if (left !== guess && bit(NEIGHBOUR + likeness) === 0) return left;
  if (above !== guess && above !== left && bit(NEIGHBOUR + 16 + likeness) === 0) return above;
  if (aboveRight !== guess && aboveRight !== left && aboveRight !== above && bit(NEIGHBOUR + 32 + likeness) === 0) return aboveRight;
  if (corner !== guess && corner !== left && corner !== above && corner !== aboveRight) {
    if (bit(NEIGHBOUR + 48 + likeness) === 0) return corner;
  }
  let at = RECENT - 1;
  let pixel: number;
  if (bit(LATELY + (likeness === 15 ? 1 : 0)) === 1) {
    let node = 1;
    while (node < RECENT) node = (node << 1) | bit(WHICH + node);
    at = node - RECENT;
    pixel = recent[at]!;
  } else {
    pixel = fresh(left, above, corner);
  }
  recent.copyWithin(1, 0, at);
  recent[0] = pixel;
  return pixel;
}

/** How many of `limit` pixels go on as what is around them. */
let wholeBefore: 0 | 1 = 0;
function run(limit: number): number {
  wholeBefore = bit(RUNS + ((32 - Math.clz32(limit)) << 1) + wholeBefore);
  if (wholeBefore === 1) return limit;
  const most = 32 - Math.clz32(limit - 1);
  let known = 0;
  while (known < most && bit(LONGER + known) === 1) known++;
  if (known < 2) return known;
  return Math.min((1 << (known - 1)) | raw(known - 1), limit - 1);
}

/** Pixels from this one on above whose right neighbours the row is still of this colour. */
function flatAbove(pixels: Int32Array, up: number, left: number, colour: number): number {
  let more = 1;
  while (more < left && pixels[up + more] === colour) more++;
  return more === left ? left : more - 1;
}

function slot(left: number, above: number, corner: number, aboveRight: number, farLeft: number, farAbove: number): number {
  const hash =
    Math.imul(above, 0x85ebca6b) ^
    Math.imul(corner, 0xc2b2ae35) ^
    Math.imul(aboveRight, 0x27d4eb2f) ^
    Math.imul(farAbove, 0x165667b1) ^
    Math.imul(farLeft, 0xd3a2646d) ^
    Math.imul(left, 0x9e3779b1);
  return hash >>> 20;
}

/**
 * The pixels of a tile of format 1 as RGBA, ready for `putImageData`.
 *
 * @throws Malformed when the size is not allowed (before any memory is taken), or more bytes are there than the tile needs.
 */
export function decodeTile(bytes: Uint8Array, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const size = width * height;
  if (size === 0 || size > limits.tilePixels) throw new Malformed(`a tile has ${size} pixels`);
  const pixels = new Int32Array(size);
  begin(bytes);
  let same = 0;
  let miss = 0;
  for (let row = 0; row < height; row++) {
    const from = row * width;
    const isSame = bit(SAME_ROW + same);
    same = ((same << 1) | isSame) & 3;
    if (isSame === 1) {
      if (row > 0) pixels.copyWithin(from, from - width, from);
      continue;
    }
    for (let column = 0; column < width; column++) {
      const at = from + column;
      const up = at - width;
      const left = column > 0 ? pixels[at - 1]! : row > 0 ? pixels[up]! : 0;
      const above = row > 0 ? pixels[up]! : left;
      const corner = row > 0 && column > 0 ? pixels[up - 1]! : above;
      const aboveRight = row > 0 && column + 1 < width ? pixels[up + 1]! : above;
      const farLeft = column > 1 ? pixels[at - 2]! : left;
      if (left === above && left === corner && left === aboveRight && left === farLeft) {
        const limit = row > 0 ? flatAbove(pixels, up, width - column, left) : width - column;
        const length = run(limit);
        pixels.fill(left, at, at + length);
        miss = 0;
        column += length - 1;
        if (length < limit) {
          miss = 1;
          column++;
          pixels[from + column] = other(left, left, left, left, left, 15);
        }
        continue;
      }
      const farAbove = row > 1 ? pixels[up - width]! : above;
      const place = slot(left, above, corner, aboveRight, farLeft, farAbove);
      const trusted = trust[place]!;
      const guess = trusted > 0 ? colours[place]! : left;
      const context = ((trusted < 3 ? trusted : 3) << 3) | (guess === left ? 4 : 0) | (guess === above ? 2 : 0) | miss;
      miss = bit(REMEMBERED + context);
      if (miss === 0) {
        pixels[at] = colours[place] = guess;
        if (trusted < 7) trust[place] = trusted + 1;
        continue;
      }
      const likeness =
        (left === above ? 1 : 0) | (left === corner ? 2 : 0) | (above === aboveRight ? 4 : 0) | (above === corner ? 8 : 0);
      const pixel = other(left, above, aboveRight, corner, guess, likeness);
      pixels[at] = pixel;
      if (trusted > 2) {
        trust[place] = trusted >> 1;
      } else {
        colours[place] = pixel;
        trust[place] = 1;
      }
    }
  }
  if (next < data.length) throw new Malformed(`${data.length - next} bytes are left over behind a tile`);
  return toRgba(pixels);
}

/** In place: 0x00RRGGBB becomes the bytes R, G, B, 255. */
function toRgba(pixels: Int32Array<ArrayBuffer>): Uint8ClampedArray<ArrayBuffer> {
  for (let at = 0; at < pixels.length; at++) {
    const pixel = pixels[at]!;
    pixels[at] = 0xff00_0000 | ((pixel & 255) << 16) | (pixel & 0xff00) | ((pixel >> 16) & 255);
  }
  return new Uint8ClampedArray(pixels.buffer);
}
