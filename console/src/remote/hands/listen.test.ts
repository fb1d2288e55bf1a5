// @vitest-environment happy-dom
// Browser events become input, and nothing stays held.

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { InputEvent } from "../wire/input";
import { Hands } from "./hands";
import { listen } from "./listen";

let element: HTMLElement;
let canvas: HTMLCanvasElement;
let sent: InputEvent[];
let moves: [number, number][];
let controls: boolean;
let leaves: number;
let deaf: () => void;

beforeEach(() => {
  element = document.createElement("div");
  element.tabIndex = 0;
  canvas = document.createElement("canvas");
  canvas.setPointerCapture = () => undefined;
  canvas.getBoundingClientRect = () => new DOMRect(100, 50, 960, 540);
  element.append(canvas);
  document.body.append(element);
  [sent, moves, controls, leaves] = [[], [], true, 0];
  const hands = new Hands({
    input: (_, events) => sent.push(...events),
    pointer: (_, x, y) => moves.push([x, y]),
  });
  deaf = listen({
    element,
    canvas,
    hands,
    hasControls: () => controls,
    screen: () => ({ width: 1920, height: 1080 }),
    onPointer: () => undefined,
    onLeaveByKey: () => leaves++,
  });
});

afterEach(() => {
  deaf();
  element.remove();
});

function key(type: "keydown" | "keyup", code: string, init: KeyboardEventInit = {}): KeyboardEvent {
  const event = new KeyboardEvent(type, { code, key: code, bubbles: true, cancelable: true, ...init });
  element.dispatchEvent(event);
  return event;
}

function mouse(type: string, init: MouseEventInit): MouseEvent {
  const event = new MouseEvent(type, { bubbles: true, cancelable: true, clientX: 580, clientY: 320, ...init });
  canvas.dispatchEvent(event);
  return event;
}

describe("keys", () => {
  it("go out by their place on the keyboard, and the browser does not act on them", () => {
    const event = key("keydown", "KeyZ", { key: "y" });
    key("keyup", "KeyZ");
    expect(sent).toEqual([
      { kind: "key", code: 44, down: true },
      { kind: "key", code: 44, down: false },
    ]);
    expect(event.defaultPrevented).toBe(true);
  });

  it("are not repeated", () => {
    key("keydown", "KeyA");
    key("keydown", "KeyA", { repeat: true });
    expect(sent).toHaveLength(1);
  });

  it("without a place become text", () => {
    key("keydown", "", { key: "ß" });
    key("keydown", "Unidentified", { key: "Shift" });
    expect(sent).toEqual([{ kind: "text", text: "ß" }]);
  });

  it("stay in this window without the controls", () => {
    controls = false;
    expect(key("keydown", "KeyA").defaultPrevented).toBe(false);
    expect(sent).toEqual([]);
  });

  it("do not include the Control that Windows makes of AltGr", () => {
    const at = (code: string, timeStamp: number) => {
      const event = new KeyboardEvent("keydown", { code, bubbles: true });
      Object.defineProperty(event, "timeStamp", { value: timeStamp });
      element.dispatchEvent(event);
    };
    at("ControlLeft", 1000);
    at("AltRight", 1001);
    expect(sent.at(-2)).toEqual({ kind: "key", code: 29, down: false });
    expect(sent.at(-1)).toEqual({ kind: "key", code: 100, down: true });
  });

  it("have a way out of the picture", () => {
    key("keydown", "ControlLeft", { ctrlKey: true });
    key("keydown", "AltLeft", { ctrlKey: true, altKey: true });
    key("keydown", "Home", { ctrlKey: true, altKey: true });
    expect(leaves).toBe(1);
    expect(sent.at(-1)).toEqual({ kind: "release_all" });
  });
});

describe("everything held", () => {
  it.each([
    ["the picture loses the focus", () => element.dispatchEvent(new FocusEvent("blur"))],
    ["the window does", () => window.dispatchEvent(new Event("blur"))],
    ["the page is hidden", () => document.dispatchEvent(new Event("visibilitychange"))],
    ["the view goes", () => deaf()],
    ["Command goes up, which hides the others' going up", () => key("keyup", "MetaLeft")],
  ])("is let go when %s", (_, happen) => {
    key("keydown", "MetaLeft");
    key("keydown", "KeyA");
    happen();
    expect(sent.at(-1)).toEqual({ kind: "release_all" });
  });
});

describe("the mouse", () => {
  it("presses where it is, with X's numbers", () => {
    mouse("mousedown", { button: 2 });
    mouse("mouseup", { button: 2 });
    expect(sent).toEqual([
      { kind: "button", button: 3, down: true, x: 960, y: 540 },
      { kind: "button", button: 3, down: false, x: 960, y: 540 },
    ]);
  });

  it("keeps the browser's menu and way back away", () => {
    expect(mouse("contextmenu", {}).defaultPrevented).toBe(true);
    expect(mouse("mousedown", { button: 3 }).defaultPrevented).toBe(true);
  });

  it("turns its wheel by notches", () => {
    canvas.dispatchEvent(
      new WheelEvent("wheel", { deltaY: -100, clientX: 100, clientY: 50, bubbles: true, cancelable: true }),
    );
    expect(sent).toEqual([{ kind: "wheel", dx: 0, dy: -120, x: 0, y: 0 }]);
  });

  it("moves the pointer only with the controls", () => {
    canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: 100.6, clientY: 50.6, pointerType: "mouse" }));
    expect(moves).toEqual([[1, 1]]);
    controls = false;
    canvas.dispatchEvent(new PointerEvent("pointermove", { clientX: 300, clientY: 300, pointerType: "mouse" }));
    expect(moves).toHaveLength(1);
  });
});
