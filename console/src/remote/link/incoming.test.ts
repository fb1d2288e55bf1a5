// Packets that arrive bit by bit.

import { describe, expect, it } from "vitest";

import { Malformed } from "../wire/bytes";
import { Class, encodePacket } from "../wire/header";
import { IncomingStream } from "./incoming";

const header = { class: Class.update, source: 0, audience: 1, session: 5, sequence: 9, ageUs: 100 };
const bytes = encodePacket(header, Uint8Array.of(1, 2, 3, 4));

describe("a stream", () => {
  it.each([1, 5, 24, 28])("is put together from pieces of %i bytes", (size) => {
    const stream = new IncomingStream(10);
    for (let at = 0; at < bytes.length; at += size) stream.push(bytes.subarray(at, at + size));
    expect(stream.header?.sequence).toBe(9);
    expect([...stream.finish().payload]).toEqual([1, 2, 3, 4]);
  });

  it("knows its header as soon as that is here", () => {
    const stream = new IncomingStream(0);
    stream.push(bytes.subarray(0, 23));
    expect(stream.header).toBeNull();
    stream.push(bytes.subarray(23, 25));
    expect(stream.header?.size).toBe(4);
  });

  it("is refused when it goes on, ends early, or is no packet", () => {
    const long = new IncomingStream(0);
    long.push(bytes);
    expect(() => long.push(Uint8Array.of(0))).toThrow(Malformed);
    const short = new IncomingStream(0);
    short.push(bytes.subarray(0, 26));
    expect(() => short.finish()).toThrow(Malformed);
    expect(() => new IncomingStream(0).push(new Uint8Array(24))).toThrow(Malformed);
  });
});
