// Parameter sets and their names.

import { expect, it } from "vitest";

import { codecString } from "./codec-string";

it("names the profile and level of the parameter set", () => {
  expect(codecString(Uint8Array.of(0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0xda))).toBe("avc1.42C01F");
  expect(codecString(Uint8Array.of(0, 0, 0, 1, 9, 0x10, 0, 0, 1, 0x27, 0x64, 0, 0x28, 0))).toBe("avc1.640028");
});

it("falls back to what agents send usually", () => {
  expect(codecString(new Uint8Array(0))).toBe("avc1.42E028");
  expect(codecString(Uint8Array.of(0, 0, 1, 0x67, 0x42))).toBe("avc1.42E028");
});
