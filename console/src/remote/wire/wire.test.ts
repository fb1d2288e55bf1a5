// The golden vectors of protocol/vectors, which the Rust tests write and read, and every cut of them.

import { readFileSync } from "node:fs";

import { decode } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";

import { Malformed } from "./bytes";
import { decodeControl, encodeControl } from "./control";
import { decodeCursor } from "./cursor";
import { decodePong, encodeFeedback, type Feedback } from "./feedback";
import { OrderedSplitter, decodeWebSocket, encodeOrdered, encodeWebSocket, type Ordered } from "./framing";
import type { FromTechnician } from "./generated";
import { decodePacket, encodePacket, fitsDatagram, type ClearHeader } from "./header";
import { encodeInput, encodePointer, type Input, type Pointer } from "./input";
import { VERSION, limits } from "./limits";
import { decodeQuickTile } from "./quick-tile";
import { decodeTile } from "./tile";
import { decodeUpdate } from "./update";

interface Vectors {
  accepted: { name: string; hex: string; value: unknown }[];
  refused: { name: string; hex: string }[];
}

function stored(name: string): unknown {
  const file = new URL(`../../../../protocol/vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8"));
}

function vectors(name: string): Vectors {
  return stored(name) as Vectors;
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Bytes as hex, everywhere inside, as the vectors have them. */
function readable(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
  }
  return value;
}

function reads(name: string, decoder: (bytes: Uint8Array) => unknown) {
  describe(name, () => {
    const { accepted, refused } = vectors(name);
    it.each(accepted)("reads $name", ({ hex, value }) => {
      expect(readable(decoder(fromHex(hex)))).toEqual(value);
    });
    it.each(refused)("refuses $name", ({ hex }) => {
      expect(() => decoder(fromHex(hex))).toThrow(Malformed);
    });
    it.each(accepted)("survives every changed byte of $name", ({ hex }) => {
      const bytes = fromHex(hex);
      for (let at = 0; at < bytes.length; at++) {
        for (const value of [0, 1, 0x7f, 0x80, 0xff]) {
          const changed = bytes.slice();
          changed[at] = value;
          try {
            decoder(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(Malformed);
          }
        }
      }
    });
  });
}

function refusesCuts(name: string, decoder: (bytes: Uint8Array) => unknown) {
  it.each(vectors(name).accepted)(`refuses every cut of ${name}: $name`, ({ hex }) => {
    const bytes = fromHex(hex);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => decoder(bytes.subarray(0, end)), `cut at ${end}`).toThrow(Malformed);
    }
  });
}

function packetValue(bytes: Uint8Array): unknown {
  const { header, payload } = decodePacket(bytes);
  return { ...header, payload };
}

function splitWhole(bytes: Uint8Array): unknown {
  return new OrderedSplitter().push(bytes)[0];
}

reads("packets", packetValue);
reads("updates", decodeUpdate);
reads("cursors", decodeCursor);
reads("pong", decodePong);
reads("ordered", splitWhole);
reads("websocket", decodeWebSocket);
reads("to_technician", decodeControl);

describe("cuts", () => {
  refusesCuts("packets", packetValue);
  refusesCuts("updates", decodeUpdate);
  refusesCuts("cursors", decodeCursor);
  refusesCuts("pong", decodePong);
});

describe("what the console writes", () => {
  it.each(vectors("packets").accepted)("packet: $name", ({ hex, value }) => {
    const { payload, ...header } = value as ClearHeader & { payload: string };
    expect(toHex(encodePacket(header, fromHex(payload)))).toBe(hex);
  });
  it.each(vectors("input").accepted)("input: $name", ({ hex, value }) => {
    expect(toHex(encodeInput(value as Input))).toBe(hex);
  });
  it.each(vectors("pointer").accepted)("pointer: $name", ({ hex, value }) => {
    expect(toHex(encodePointer(value as Pointer))).toBe(hex);
  });
  it.each(vectors("feedback").accepted)("feedback: $name", ({ hex, value }) => {
    expect(toHex(encodeFeedback(value as Feedback))).toBe(hex);
  });
  it.each(vectors("from_technician").accepted)("control: $name", ({ hex, value }) => {
    // The order of a map's fields means nothing.
    const bytes = encodeControl(value as FromTechnician);
    expect(decode(bytes)).toEqual(decode(fromHex(hex)));
    expect(bytes.length).toBe(hex.length / 2);
  });
  it.each(vectors("ordered").accepted)("ordered: $name", ({ hex, value }) => {
    const { kind, bytes } = value as { kind: Ordered["kind"]; bytes: string };
    expect(toHex(encodeOrdered({ kind, bytes: fromHex(bytes) }))).toBe(hex);
  });
  it("websocket messages", () => {
    for (const { hex, value } of vectors("websocket").accepted) {
      const { kind, bytes } = value as { kind: Ordered["kind"] | "datagram" | "chunk"; bytes: string };
      if (kind !== "chunk") expect(toHex(encodeWebSocket({ kind, bytes: fromHex(bytes) }))).toBe(hex);
    }
  });
});

describe("limits", () => {
  it("are the same in both languages", () => {
    expect({ version: VERSION, ...limits }).toEqual(stored("limits"));
  });
  it("leave room for a tag in a datagram", () => {
    expect(fitsDatagram(new Uint8Array(1084))).toBe(true);
    expect(fitsDatagram(new Uint8Array(1085))).toBe(false);
  });
  it("refuse an id that a browser cannot hold", () => {
    const bytes = fromHex(vectors("packets").accepted[0]!.hex);
    bytes[4] = 1;
    expect(() => decodePacket(bytes)).toThrow(Malformed);
  });
});

describe("the ordered stream", () => {
  it("gives its messages one by one however the bytes arrive", () => {
    const wire = vectors("ordered").accepted.flatMap(({ hex }) => [...fromHex(hex)]);
    const splitter = new OrderedSplitter();
    const seen = wire.flatMap((byte) => splitter.push(Uint8Array.of(byte)));
    expect(seen.map((message) => message.kind)).toEqual(["control", "packet"]);
  });
});

describe("MessagePack", () => {
  it.each([...vectors("to_agent").accepted, ...vectors("from_agent").accepted])(
    "holds $name as every implementation reads it",
    ({ hex, value }) => {
      const bytesAsLists = (item: unknown): unknown =>
        JSON.parse(JSON.stringify(item, (_, part) => (part instanceof Uint8Array ? [...part] : part)));
      expect(bytesAsLists(decode(fromHex(hex)))).toEqual(value);
    },
  );
});

describe("lossless tiles", () => {
  type Stored = { name: string; width: number; height: number; data: string; quick: string; rgb: string };
  const tiles = (stored("tiles") as Stored[]).flatMap(({ data, quick, ...tile }) => [
    { ...tile, coding: "small", data, decode: decodeTile },
    { ...tile, coding: "quick", data: quick, decode: decodeQuickTile },
  ]);
  it.each(tiles)("reads $name ($coding)", ({ width, height, data, rgb, decode }) => {
    const pixels = decode(fromHex(data), width, height);
    expect(toHex(pixels.filter((_, at) => at % 4 !== 3) as unknown as Uint8Array)).toBe(rgb);
    expect(pixels.every((value, at) => at % 4 !== 3 || value === 255)).toBe(true);
  });
  it.each(tiles)("refuses what is left over behind $name ($coding), and survives every changed byte", ({ width, height, data, decode }) => {
    const bytes = fromHex(data);
    expect(() => decode(Uint8Array.of(...bytes, 1, 1, 1, 1, 1, 1, 1, 1, 1), width, height)).toThrow(Malformed);
    for (let at = 0; at < Math.min(bytes.length, 100); at++) {
      const changed = bytes.slice();
      changed[at]! ^= 0x55;
      for (const harmed of [changed, changed.subarray(0, bytes.length - at)]) {
        try {
          expect(decode(harmed, width, height).length).toBe(width * height * 4);
        } catch (error) {
          expect(error).toBeInstanceOf(Malformed);
        }
      }
    }
  });
  it("refuses a size without pixels or with too many", () => {
    for (const decode of [decodeTile, decodeQuickTile]) {
      expect(() => decode(new Uint8Array(0), 0, 16)).toThrow(Malformed);
      expect(() => decode(new Uint8Array(0), 16_384, 16)).toThrow(Malformed);
    }
  });
});
