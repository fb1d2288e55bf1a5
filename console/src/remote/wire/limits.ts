// The bounds on what a peer may send, as protocol/src/limits.rs has them (protocol/vectors/limits.json keeps the two equal).

export const VERSION = 1;

export const limits = {
  controlBytes: 64 * 1024,
  orderedBytes: 16 * 1024,
  datagramPayloadBytes: 1100,
  tagBytes: 16,
  updateBytes: 32 * 1024 * 1024,
  chunkBytes: 16 * 1024,
  screenSide: 16_384,
  stripes: 64,
  rectsPerStripe: 64,
  copies: 64,
  tiles: 4096,
  tilePixels: 1 << 17,
  updateTilePixels: 1 << 22,
  follows: 32,
  inputEvents: 64,
  cursorSide: 256,
  textChars: 2000,
} as const;
