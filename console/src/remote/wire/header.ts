// The clear header in front of every media, input and feedback message, and the packet it makes with its payload.

import { ByteReader, ByteWriter, Malformed } from "./bytes";
import { VERSION, limits } from "./limits";

export const HEADER_BYTES = 24;

/** What a payload holds. */
export const Class = {
  update: 1,
  cursor: 2,
  refinement: 3,
  pong: 4,
  input: 5,
  pointer: 6,
  feedback: 7,
} as const;
export type Class = (typeof Class)[keyof typeof Class];

/** The audience bit of the agent. */
export const AGENT = 0x80;

export interface ClearHeader {
  class: Class;
  /** From the agent: the screen. From a technician: the slot. */
  source: number;
  /** Bit 0-2 the technicians' slots, bit 7 the agent. */
  audience: number;
  session: number;
  sequence: number;
  /** Bytes of payload. */
  size: number;
  /** Time since the capture or the event, in microseconds. */
  ageUs: number;
}

export interface Packet {
  header: ClearHeader;
  payload: Uint8Array;
}

function isClass(byte: number): byte is Class {
  return byte >= Class.update && byte <= Class.feedback;
}

/** Reads a header; `bytes` may go on with the payload. */
export function decodeHeader(bytes: Uint8Array): ClearHeader {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== VERSION) throw new Malformed(`version is ${version}`);
  const kind = reader.u8();
  if (!isClass(kind)) throw new Malformed(`class ${kind} is not known`);
  const header = {
    class: kind,
    source: reader.u8(),
    audience: reader.u8(),
    session: reader.id(),
    sequence: reader.u32(),
    size: reader.u32(),
    ageUs: reader.u32(),
  };
  reader.count("size", header.size, limits.updateBytes);
  return header;
}

/** Reads a whole packet; its size must be exactly what its header says. */
export function decodePacket(bytes: Uint8Array): Packet {
  const header = decodeHeader(bytes);
  const payload = bytes.subarray(HEADER_BYTES);
  if (payload.length !== header.size) {
    throw new Malformed(`payload has ${payload.length} bytes instead of ${header.size}`);
  }
  return { header, payload };
}

export function encodePacket(header: Omit<ClearHeader, "size">, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return new ByteWriter(HEADER_BYTES + payload.length)
    .u8(VERSION)
    .u8(header.class)
    .u8(header.source)
    .u8(header.audience)
    .id(header.session)
    .u32(header.sequence)
    .u32(payload.length)
    .u32(Math.min(Math.max(Math.round(header.ageUs), 0), 0xffff_ffff))
    .bytes(payload)
    .finish();
}

/** Whether it may go as one datagram, with the room for a tag. */
export function fitsDatagram(payload: Uint8Array): boolean {
  return payload.length + limits.tagBytes <= limits.datagramPayloadBytes;
}
