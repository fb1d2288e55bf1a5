// Hands, wheel, keys and places.

import { describe, expect, it } from "vitest";

import type { InputEvent } from "../wire/input";
import { Hands } from "./hands";
import { COMBINATIONS, EVDEV, evdevCode } from "./keys";
import { remotePixel, scaledSize } from "./place";
import { Wheel } from "./wheel";

function begin() {
  const sent: [number, InputEvent[]][] = [];
  const moves: [number, number, number][] = [];
  const hands = new Hands({
    input: (sequence, events) => sent.push([sequence, events]),
    pointer: (after, x, y) => moves.push([after, x, y]),
  });
  return { hands, sent, moves };
}

describe("hands", () => {
  it("count what they send without a gap, and drop repeats", () => {
    const { hands, sent } = begin();
    hands.key(30, true);
    hands.key(30, true);
    hands.key(30, false);
    hands.key(30, false);
    expect(sent).toEqual([
      [1, [{ kind: "key", code: 30, down: true }]],
      [2, [{ kind: "key", code: 30, down: false }]],
    ]);
  });

  it("let go of everything at once, and only when something is held", () => {
    const { hands, sent } = begin();
    hands.release();
    hands.key(29, true);
    hands.button(1, true, 5, 6);
    hands.release();
    hands.release();
    expect(sent.map(([, events]) => events[0]!.kind)).toEqual(["key", "button", "release_all"]);
    hands.key(29, false);
    expect(sent).toHaveLength(3);
  });

  it("press a combination in order and lift it in reverse, in one packet", () => {
    const { hands, sent } = begin();
    hands.key(42, true);
    hands.combination([29, 56, 111]);
    const keys = sent.at(-1)![1].map((event) => (event.kind === "key" ? [event.code, event.down] : event.kind));
    expect(keys).toEqual([
      [29, true],
      [56, true],
      [111, true],
      [111, false],
      [56, false],
      [29, false],
    ]);
    expect(sent[1]![1]).toEqual([{ kind: "release_all" }]);
  });

  it("send the newest place, not every place", () => {
    const { hands, moves } = begin();
    expect(hands.move(1, 1, 100)).toBeNull();
    expect(hands.move(2, 2, 101)).toBe(3);
    expect(hands.move(3, 3, 102)).toBeNull();
    hands.flush(104);
    hands.flush(105);
    expect(moves).toEqual([
      [0, 1, 1],
      [0, 3, 3],
    ]);
  });

  it("never send a move after the click that followed it", () => {
    const { hands, moves, sent } = begin();
    hands.move(1, 1, 100);
    hands.move(2, 2, 101);
    hands.button(1, true, 2, 2);
    hands.flush(104);
    expect(moves).toHaveLength(1);
    hands.move(9, 9, 200);
    expect(moves.at(-1)).toEqual([sent.at(-1)![0], 9, 9]);
  });

  it("send long text in pieces, whole characters each", () => {
    const { hands, sent } = begin();
    hands.text("😀".repeat(201));
    expect(sent.map(([, events]) => (events[0] as { text: string }).text)).toEqual(["😀".repeat(200), "😀"]);
  });

  it("begin to count anew with a new connection", () => {
    const { hands, sent } = begin();
    hands.key(30, true);
    hands.reset();
    hands.key(31, true);
    expect(sent.map(([sequence]) => sequence)).toEqual([1, 1]);
  });
});

describe("keys", () => {
  it("have each one code, and the known ones the right one", () => {
    expect(evdevCode("KeyA")).toBe(30);
    expect(evdevCode("NumpadEnter")).toBe(96);
    expect(evdevCode("Nonsense")).toBeNull();
    const renamed = new Set(["VolumeMute", "VolumeDown", "VolumeUp", "OSLeft", "OSRight"]);
    const codes = Object.entries(EVDEV)
      .filter(([name]) => !renamed.has(name))
      .map(([, code]) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it("include all of every combination", () => {
    for (const { codes } of COMBINATIONS) for (const code of codes) expect(evdevCode(code)).not.toBeNull();
  });
});

describe("the wheel", () => {
  it("turns pixels and lines into notches", () => {
    expect(new Wheel().turn({ deltaX: 0, deltaY: 100, deltaMode: 0 })).toEqual({ dx: 0, dy: 120 });
    expect(new Wheel().turn({ deltaX: -3, deltaY: 0, deltaMode: 1 })).toEqual({ dx: -120, dy: 0 });
  });

  it("keeps what is less than a unit", () => {
    const wheel = new Wheel();
    const turns = Array.from({ length: 11 }, () => wheel.turn({ deltaX: 0, deltaY: 0.5, deltaMode: 0 }).dy);
    expect(turns.reduce((sum, dy) => sum + dy, 0)).toBe(6);
  });

  it("stays within 16 bits", () => {
    expect(new Wheel().turn({ deltaX: 0, deltaY: -1e9, deltaMode: 0 }).dy).toBe(-32_767);
  });
});

describe("places", () => {
  const screen = { width: 1920, height: 1080 };

  it("mean the pixel under them, exactly, at any scale", () => {
    for (const width of [1920, 960, 1111.5, 3000]) {
      const box = { left: 10.25, top: 20.5, width, height: (width * 1080) / 1920 };
      for (const pixel of [0, 1, 777, 1919]) {
        const x = box.left + ((pixel + 0.5) * width) / 1920;
        expect(remotePixel({ x, y: 20.5 }, box, screen)).toEqual({ x: pixel, y: 0 });
      }
    }
  });

  it("beside the picture mean its edge", () => {
    const box = { left: 0, top: 0, width: 960, height: 540 };
    expect(remotePixel({ x: -50, y: 9999 }, box, screen)).toEqual({ x: 0, y: 1079 });
    expect(remotePixel({ x: 5, y: 5 }, { ...box, width: 0, height: 0 }, screen)).toEqual({ x: 0, y: 0 });
  });

  it("fit the whole picture, or one device pixel each, or the whole area", () => {
    const area = { width: 1000, height: 1000 };
    expect(scaledSize(screen, area, "fit", 1).width).toBeCloseTo(1000, 6);
    expect(scaledSize(screen, area, "fit", 1).height).toBeCloseTo(562.5, 6);
    expect(scaledSize(screen, area, "actual", 2)).toEqual({ width: 960, height: 540 });
    expect(scaledSize(screen, area, "fill", 1).height).toBe(1000);
  });

  it("are not blurred for a few pixels of difference", () => {
    expect(scaledSize(screen, { width: 1930, height: 1090 }, "fit", 1)).toEqual(screen);
    expect(scaledSize(screen, { width: 1900, height: 1069 }, "fit", 1).width).toBeCloseTo(1900, 0);
  });
});
