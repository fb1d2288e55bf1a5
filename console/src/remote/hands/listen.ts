// From the browser's events to hands. Owns the listeners: which events count, what the browser must not do with them, and that
// everything held is let go when this page is not in front any more.

import type { Hands } from "./hands";
import { evdevCode } from "./keys";
import { type Size, remotePixel } from "./place";
import { Wheel } from "./wheel";

export interface Stage {
  /** Takes the keyboard focus; the picture lies in it. */
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  hands: Hands;
  hasControls: () => boolean;
  screen: () => Size | null;
  /** The pointer came, went, or moved. */
  onPointer: (pointer: { over: boolean; at: number }) => void;
  /** The way out for who has no mouse. */
  onLeaveByKey: () => void;
}

/** X's numbers of a mouse's buttons; the browser counts them differently. */
const BUTTONS: Readonly<Record<number, number>> = { 0: 1, 1: 2, 2: 3, 3: 8, 4: 9 };
/** Windows tells AltGr as Control and Alt in the same instant. */
const ALT_GRAPH_MS = 20;

/** Begins to listen; the returned function ends it. */
export function listen(stage: Stage): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  listenToPointer(stage, signal);
  listenToKeys(stage, signal);
  const release = () => stage.hands.release();
  stage.element.addEventListener("blur", release, { signal });
  addEventListener("blur", release, { signal });
  document.addEventListener("visibilitychange", release, { signal });
  return () => {
    release();
    controller.abort();
  };
}

function listenToPointer(stage: Stage, signal: AbortSignal): void {
  const { canvas, hands } = stage;
  const wheel = new Wheel();
  const place = (event: MouseEvent) => {
    const screen = stage.screen();
    return screen ? remotePixel({ x: event.clientX, y: event.clientY }, canvas.getBoundingClientRect(), screen) : null;
  };
  const on = <K extends keyof HTMLElementEventMap>(name: K, handle: (event: HTMLElementEventMap[K]) => void) => {
    canvas.addEventListener(name, handle, { signal, passive: false });
  };
  const move = (event: PointerEvent) => {
    const at = stage.hasControls() ? place(event) : null;
    stage.onPointer({ over: true, at: event.timeStamp });
    if (!at) return;
    const later = hands.move(at.x, at.y, performance.now());
    if (later !== null) setTimeout(() => hands.flush(performance.now()), later);
  };
  const press = (event: MouseEvent, down: boolean) => {
    const button = BUTTONS[event.button];
    const at = stage.hasControls() ? place(event) : null;
    if (!at || button === undefined) return;
    event.preventDefault();
    hands.button(button, down, at.x, at.y);
  };
  // Raw moves come at the mouse's own rate, the others once per frame. Not every browser has them, and only in secure contexts.
  const moves = "onpointerrawupdate" in canvas ? "pointerrawupdate" : "pointermove";
  canvas.addEventListener(moves, (event) => move(event as PointerEvent), { signal });
  on("pointerdown", (event) => {
    stage.element.focus({ preventScroll: true });
    if (!stage.hasControls()) return;
    canvas.setPointerCapture(event.pointerId);
    if (event.pointerType === "mouse") return;
    press(event, true);
  });
  on("pointerup", (event) => {
    if (event.pointerType !== "mouse") press(event, false);
  });
  // Mouse events, because pointer events tell only of the first button that is held.
  on("mousedown", (event) => press(event, true));
  on("mouseup", (event) => press(event, false));
  on("pointercancel", () => hands.release());
  on("pointerleave", (event) => stage.onPointer({ over: false, at: event.timeStamp }));
  on("contextmenu", (event) => stage.hasControls() && event.preventDefault());
  on("wheel", (event) => {
    const at = stage.hasControls() ? place(event) : null;
    if (!at) return;
    event.preventDefault();
    const { dx, dy } = wheel.turn(event);
    hands.wheel(dx, dy, at.x, at.y);
  });
}

function listenToKeys(stage: Stage, signal: AbortSignal): void {
  const { element, hands } = stage;
  let controlAt = Number.NEGATIVE_INFINITY;
  const down = (event: KeyboardEvent) => {
    if (event.ctrlKey && event.altKey && event.code === "Home") {
      event.preventDefault();
      hands.release();
      stage.onLeaveByKey();
      return;
    }
    if (!stage.hasControls() || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.repeat) return;
    if (event.code === "ControlLeft") controlAt = event.timeStamp;
    if (event.code === "AltRight" && event.timeStamp - controlAt < ALT_GRAPH_MS)
      hands.key(evdevCode("ControlLeft")!, false);
    const code = evdevCode(event.code);
    if (code !== null) hands.key(code, true);
    else if ([...event.key].length === 1) hands.text(event.key);
  };
  const up = (event: KeyboardEvent) => {
    const code = evdevCode(event.code);
    if (code === null || !stage.hasControls()) return;
    event.preventDefault();
    event.stopPropagation();
    hands.key(code, false);
    // macOS tells nothing of keys that go up while Command is held.
    if (event.code.startsWith("Meta")) hands.release();
  };
  element.addEventListener("keydown", down, { signal });
  element.addEventListener("keyup", up, { signal });
}
