// One packet that arrives bit by bit on a stream of its own. Owns putting it together within its bounds, for every way it travels.

import { Malformed } from "../wire/bytes";
import { type ClearHeader, HEADER_BYTES, type Packet, decodeHeader, decodePacket } from "../wire/header";

export class IncomingStream {
  #chunks: Uint8Array[] = [];
  #length = 0;
  #header: ClearHeader | null = null;
  readonly #startedAt: number;

  constructor(now: number) {
    this.#startedAt = now;
  }

  get startedAt(): number {
    return this.#startedAt;
  }

  /** Known once its 24 bytes are here. */
  get header(): ClearHeader | null {
    return this.#header;
  }

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (!this.#header && this.#length >= HEADER_BYTES) this.#header = decodeHeader(this.#joined());
    if (this.#header && this.#length > HEADER_BYTES + this.#header.size) {
      throw new Malformed("a stream goes on after its packet");
    }
  }

  finish(): Packet {
    return decodePacket(this.#joined());
  }

  #joined(): Uint8Array {
    const [only] = this.#chunks;
    if (only && this.#chunks.length === 1) return only;
    const whole = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      whole.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [whole];
    return whole;
  }
}
