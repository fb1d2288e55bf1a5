// What a viewer tells the agent: the fate of each update, what it must have again, and pings. And the answer to a ping.

import { ByteReader, ByteWriter } from "./bytes";

/** How one update fared; durations in microseconds on this viewer's clock. */
export interface Report {
  kind: "drawn";
  update: number;
  bytes: number;
  /** This viewer's clock at the last byte's arrival; wraps. */
  arrivalUs: number;
  /** First to last byte. */
  spreadUs: number;
  /** Waiting for its turn. */
  waitUs: number;
  decodeUs: number;
  drawUs: number;
  /** Updates received and not yet drawn, this one not counted. */
  queued: number;
}

/** An IDR of each of these stripes is needed. */
export interface Refresh {
  kind: "refresh";
  epoch: number;
  stripes: number[];
}

export interface Ping {
  kind: "ping";
  id: number;
}

export type Feedback = Report | Refresh | Ping;

/** Microseconds as the wire has them: whole, not negative, 32 bits. */
function duration(us: number): number {
  return Math.min(Math.max(Math.round(us), 0), 0xffff_ffff);
}

export function encodeFeedback(feedback: Feedback): Uint8Array<ArrayBuffer> {
  switch (feedback.kind) {
    case "drawn":
      return new ByteWriter(32)
        .u8(1)
        .u32(feedback.update)
        .u32(feedback.bytes)
        .u32(Math.round(feedback.arrivalUs) % 2 ** 32)
        .u32(duration(feedback.spreadUs))
        .u32(duration(feedback.waitUs))
        .u32(duration(feedback.decodeUs))
        .u32(duration(feedback.drawUs))
        .u8(Math.min(feedback.queued, 255))
        .finish();
    case "refresh":
      return new ByteWriter(16).u8(2).u32(feedback.epoch).bits(feedback.stripes).finish();
    case "ping":
      return new ByteWriter(8).u8(3).u32(feedback.id).finish();
  }
}

export function decodePong(bytes: Uint8Array): { id: number } {
  const reader = new ByteReader(bytes);
  const pong = { id: reader.u32() };
  reader.end();
  return pong;
}
