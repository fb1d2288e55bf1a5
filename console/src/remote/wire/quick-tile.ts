// Quick tiles: numbered colours packed into bits, packed by LZ4 (docs/protocol.md, "Quick tiles"). Owns reading one tile; where it
// goes on the canvas is the painter's.

import { Malformed } from "./bytes";
import { limits } from "./limits";

/** Bits of a pixel that is written as it is. */
const PLAIN = 32;

const torn = () => new Malformed("a quick tile has not the bytes of its size");

/** What an LZ4 block holds, which must be so many bytes. */
function plane(block: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  let from = 0;
  let to = 0;
  for (;;) {
    if (from >= block.length) throw torn();
    const token = block[from++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more: number;
      do {
        if (from >= block.length) throw torn();
        more = block[from++]!;
        literals += more;
      } while (more === 255);
    }
    if (literals > block.length - from || literals > size - to) throw torn();
    if (literals < 32) for (const end = to + literals; to < end; ) out[to++] = block[from++]!;
    else {
      out.set(block.subarray(from, from + literals), to);
      from += literals;
      to += literals;
    }
    // The last sequence has no match.
    if (from === block.length) break;
    if (from + 2 > block.length) throw torn();
    const back = block[from]! | (block[from + 1]! << 8);
    from += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more: number;
      do {
        if (from >= block.length) throw torn();
        more = block[from++]!;
        length += more;
      } while (more === 255);
    }
    if (back === 0 || back > to || length > size - to) throw torn();
    if (back >= length && length >= 32) {
      out.copyWithin(to, to - back, to - back + length);
      to += length;
    } else if (back === 1) {
      out.fill(out[to - 1]!, to, to + length);
      to += length;
    } else for (const end = to + length; to < end; to++) out[to] = out[to - back]!;
  }
  if (to !== size) throw torn();
  return out;
}

/**
 * The pixels of a tile of format 2 as RGBA, ready for `putImageData`.
 *
 * @throws Malformed when the size is not allowed (before any memory is taken), or the bytes are not those of its pixels.
 */
export function decodeQuickTile(bytes: Uint8Array, width: number, height: number): Uint8ClampedArray<ArrayBuffer> {
  const size = width * height;
  if (size === 0 || size > limits.tilePixels) throw new Malformed(`a tile has ${size} pixels`);
  const bits = bytes[0];
  if (bits === PLAIN) return plainPixels(plane(bytes.subarray(1), size * 4));
  if (bits !== 1 && bits !== 2 && bits !== 4 && bits !== 8) throw torn();
  if (bytes.length < 2) throw torn();
  const coded = 2 + (bytes[1]! + 1) * 3;
  if (bytes.length < coded) throw torn();
  // What has no colour is black.
  const colours = new Int32Array(256).fill(0xff00_0000);
  for (let from = 2; from < coded; from += 3) {
    colours[(from - 2) / 3] = 0xff00_0000 | (bytes[from]! << 16) | (bytes[from + 1]! << 8) | bytes[from + 2]!;
  }
  const inRow = Math.ceil((width * bits) / 8);
  return numberedPixels(plane(bytes.subarray(coded), inRow * height), colours, width, height, bits);
}

/** In place: B, G, R and nothing become R, G, B, 255. */
function plainPixels(bytes: Uint8Array<ArrayBuffer>): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Int32Array(bytes.buffer);
  for (let at = 0; at < pixels.length; at++) {
    const pixel = pixels[at]!;
    pixels[at] = 0xff00_0000 | ((pixel & 255) << 16) | (pixel & 0xff00) | ((pixel >> 16) & 255);
  }
  return new Uint8ClampedArray(bytes.buffer);
}

function numberedPixels(
  numbers: Uint8Array,
  colours: Int32Array,
  width: number,
  height: number,
  bits: 1 | 2 | 4 | 8,
): Uint8ClampedArray<ArrayBuffer> {
  const pixels = new Int32Array(width * height);
  const mask = (1 << bits) - 1;
  let from = 0;
  let at = 0;
  for (let row = 0; row < height; row++) {
    for (const end = at + width; at < end; ) {
      let byte = numbers[from++]!;
      for (const last = Math.min(at + 8 / bits, end); at < last; byte >>= bits) pixels[at++] = colours[byte & mask]!;
    }
  }
  return new Uint8ClampedArray(pixels.buffer);
}
