// Which pointer is shown.

import { describe, expect, it } from "vitest";

import { CursorState, showsRemotePointer } from "./cursor";

const shape = (id: number) => ({
  kind: "shape" as const,
  id,
  width: 1,
  height: 1,
  hotX: 0,
  hotY: 0,
  rgba: new Uint8Array(4),
});
const at = (x: number, id: number) => ({ kind: "position" as const, x, y: 0, shape: id });

describe("the state of the pointer", () => {
  it("follows the newest position, whatever order they come in", () => {
    const state = new CursorState();
    state.handle(at(2, 1), 2);
    state.handle(at(1, 1), 1);
    expect(state.position?.x).toBe(2);
  });

  it("has a shape once its image is here", () => {
    const state = new CursorState();
    state.handle(at(1, 7), 5);
    expect(state.shape).toBeNull();
    state.handle(shape(7), 1);
    expect(state.shape?.id).toBe(7);
    state.handle(at(1, 0), 6);
    expect(state.isHidden).toBe(true);
  });

  it("remembers a bounded number of shapes", () => {
    const state = new CursorState();
    for (let id = 1; id <= 129; id++) state.handle(shape(id), id);
    state.handle(at(0, 1), 1);
    expect(state.shape).toBeNull();
    state.handle(at(0, 129), 2);
    expect(state.shape?.id).toBe(129);
  });
});

describe("the remote pointer", () => {
  const mine = { controls: true, over: true, sent: { x: 100, y: 100 }, sentAt: 0 };

  it("is always shown to who only looks on", () => {
    expect(showsRemotePointer({ x: 1, y: 1 }, { ...mine, controls: false }, 0)).toBe(true);
    expect(showsRemotePointer({ x: 1, y: 1 }, { ...mine, over: false }, 0)).toBe(true);
  });

  it("is shown to who has the controls only when somebody else moves it", () => {
    expect(showsRemotePointer({ x: 101, y: 100 }, mine, 1000)).toBe(false);
    expect(showsRemotePointer({ x: 300, y: 100 }, mine, 100)).toBe(false);
    expect(showsRemotePointer({ x: 300, y: 100 }, mine, 1000)).toBe(true);
  });

  it("is nowhere before its place is known", () => {
    expect(showsRemotePointer(null, mine, 0)).toBe(false);
  });
});
