// An update between its arrival and its place on the screen. Data only.

import type { Copy, PictureKind, Rect, StageTimes, Tile } from "../wire/update";

/** How the bytes came, on this viewer's clock in milliseconds. */
export interface Arrival {
  /** The last byte. */
  at: number;
  /** First to last byte. */
  spread: number;
  /** Bytes of payload. */
  bytes: number;
  /** The header's age: time from the capture to the last hop's sending. */
  age: number;
}

export interface Pending {
  /** `update` or `refinement`. */
  kind: number;
  sequence: number;
  arrival: Arrival;
  stages: StageTimes;
  qp: number;
  input: number;
  /** Updates that must be shown before this one. */
  follows: number[];
  /** The stripes that any of it lies in. */
  touched: number[];
  copies: Copy[];
  parts: Part[];
  tiles: TileDraw[];
  /** Parts that are neither decoded nor skipped. */
  open: number;
  fedAt: number | null;
  decodedAt: number | null;
}

/** A tile, and what of it to draw; all of it until its turn has come. */
export interface TileDraw {
  tile: Tile;
  draw: Rect[];
}

export interface Part {
  stripe: number;
  picture: number;
  kind: PictureKind;
  /** The stripe began anew with it: it stands for pictures which were missed. */
  anew: boolean;
  /** In the stripe's rows. */
  draw: Rect[];
  /** Let go of when it was fed. */
  data: Uint8Array | null;
  /**
   * early: its turn has not come; feeding: the decoder has it; lost: the decoder failed over it; decoded: its frame is there;
   * skipped: the stripe began anew since; overtaken: it did when the frame was there already.
   */
  state: "early" | "feeding" | "lost" | "decoded" | "skipped" | "overtaken";
  owner: Pending;
}
