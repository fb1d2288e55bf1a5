// A bounds-checked reader over received bytes and its twin for writing, both big endian. Owns no meaning.

/** Bytes that are not what the protocol says. Everything from the network may be. */
export class Malformed extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "Malformed";
  }
}

const strictText = new TextDecoder("utf-8", { fatal: true });
const writeText = new TextEncoder();

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #step(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw new Malformed("message ends early");
    this.#at = at + count;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#step(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#step(2));
  }

  i16(): number {
    return this.#view.getInt16(this.#step(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#step(4));
  }

  /** An id: those that reach a browser are below 2^53. */
  id(): number {
    const at = this.#step(8);
    const value = this.#view.getUint32(at) * 2 ** 32 + this.#view.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) throw new Malformed("an id is larger than 2^53");
    return value;
  }

  /** 64 bits as the numbers of those that are set. */
  bits(): number[] {
    const at = this.#step(8);
    const [high, low] = [this.#view.getUint32(at), this.#view.getUint32(at + 4)];
    return Array.from({ length: 64 }, (_, bit) => bit).filter((bit) =>
      bit < 32 ? (low >>> bit) & 1 : (high >>> (bit - 32)) & 1,
    );
  }

  /** A view of the next `count` bytes, not a copy. */
  take(count: number): Uint8Array {
    const at = this.#step(count);
    return this.#bytes.subarray(at, at + count);
  }

  text(count: number): string {
    try {
      return strictText.decode(this.take(count));
    } catch {
      throw new Malformed("text is not UTF-8");
    }
  }

  /** A count that is limited before anything is made for it. */
  count(what: string, value: number, limit: number): number {
    if (value > limit) throw new Malformed(`${what} is ${value}, more than ${limit}`);
    return value;
  }

  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at);
  }

  end(): void {
    if (this.#at !== this.#bytes.length) throw new Malformed("message goes on after its end");
  }
}

export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #at = 0;

  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  #room(count: number): number {
    const at = this.#at;
    this.#at = at + count;
    if (this.#at > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  u8(value: number): this {
    this.#view.setUint8(this.#room(1), value);
    return this;
  }

  u16(value: number): this {
    this.#view.setUint16(this.#room(2), value);
    return this;
  }

  i16(value: number): this {
    this.#view.setInt16(this.#room(2), value);
    return this;
  }

  u32(value: number): this {
    this.#view.setUint32(this.#room(4), value);
    return this;
  }

  id(value: number): this {
    return this.u32(Math.floor(value / 2 ** 32)).u32(value % 2 ** 32);
  }

  bits(set: Iterable<number>): this {
    let [high, low] = [0, 0];
    for (const bit of set) {
      if (bit < 32) low |= 1 << bit;
      else high |= 1 << (bit - 32);
    }
    return this.u32(high >>> 0).u32(low >>> 0);
  }

  bytes(value: Uint8Array): this {
    const at = this.#room(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  text(value: string): this {
    const bytes = writeText.encode(value);
    return this.u16(bytes.length).bytes(bytes);
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }
}
