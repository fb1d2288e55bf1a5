// How messages lie on the ordered stream and on WebSocket. Owns the few bytes around a message, never its inside.

import { ByteReader, ByteWriter, Malformed } from "./bytes";
import { HEADER_BYTES } from "./header";
import { limits } from "./limits";

const CONTROL = 1;
const ORDERED = 2;
const DATAGRAM = 3;
const CHUNK = 4;

export interface Ordered {
  kind: "control" | "packet";
  bytes: Uint8Array;
}

export interface Chunk {
  kind: "chunk";
  /** Chosen by the sender, used once. */
  stream: number;
  end: "open" | "finished" | "abandoned";
  bytes: Uint8Array;
}

export type WebSocketMessage = Ordered | { kind: "datagram"; bytes: Uint8Array } | Chunk;

export function encodeOrdered(message: Ordered): Uint8Array<ArrayBuffer> {
  return new ByteWriter(5 + message.bytes.length)
    .u32(message.bytes.length + 1)
    .u8(message.kind === "control" ? CONTROL : ORDERED)
    .bytes(message.bytes)
    .finish();
}

/** Takes whole messages off the ordered stream, however its bytes arrive. After an error the stream is beyond repair. */
export class OrderedSplitter {
  #held = new Uint8Array(0);

  push(bytes: Uint8Array): Ordered[] {
    const joined = new Uint8Array(this.#held.length + bytes.length);
    joined.set(this.#held);
    joined.set(bytes, this.#held.length);
    this.#held = joined;
    const messages: Ordered[] = [];
    for (let next = this.#next(); next; next = this.#next()) messages.push(next);
    return messages;
  }

  #next(): Ordered | null {
    if (this.#held.length < 5) return null;
    const reader = new ByteReader(this.#held);
    const [length, kind] = [reader.u32(), reader.u8()];
    if (kind !== CONTROL && kind !== ORDERED) throw new Malformed(`message kind ${kind} is not known`);
    if (length === 0) throw new Malformed("a message of no length");
    reader.count("message", length - 1, kind === CONTROL ? limits.controlBytes : limits.orderedBytes);
    if (this.#held.length < 4 + length) return null;
    const bytes = this.#held.slice(5, 4 + length);
    this.#held = this.#held.slice(4 + length);
    return { kind: kind === CONTROL ? "control" : "packet", bytes };
  }
}

export function encodeWebSocket(message: Ordered | { kind: "datagram"; bytes: Uint8Array }): Uint8Array<ArrayBuffer> {
  const kinds = { control: CONTROL, packet: ORDERED, datagram: DATAGRAM };
  return new ByteWriter(1 + message.bytes.length).u8(kinds[message.kind]).bytes(message.bytes).finish();
}

export function decodeWebSocket(bytes: Uint8Array): WebSocketMessage {
  const reader = new ByteReader(bytes);
  const kind = reader.u8();
  const rest = (limit: number) => {
    const body = reader.rest();
    reader.count("message", body.length, limit);
    return body;
  };
  switch (kind) {
    case CONTROL:
      return { kind: "control", bytes: rest(limits.controlBytes) };
    case ORDERED:
      return { kind: "packet", bytes: rest(limits.orderedBytes) };
    case DATAGRAM:
      return { kind: "datagram", bytes: rest(limits.datagramPayloadBytes + HEADER_BYTES) };
    case CHUNK: {
      const stream = reader.u32();
      const end = (["open", "finished", "abandoned"] as const)[reader.u8()];
      if (!end) throw new Malformed("chunk end is not known");
      return { kind: "chunk", stream, end, bytes: rest(limits.chunkBytes) };
    }
    default:
      throw new Malformed(`message kind ${kind} is not known`);
  }
}
