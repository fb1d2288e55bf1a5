// The pointers on the picture: the technician's own in the remote shape (the browser draws it, without any delay), and the remote
// one as a small image where somebody else moves it. Works on the elements directly: moves are too many for a view's rounds.

import type { Hands } from "../hands/hands";
import type { CursorShape } from "../wire/cursor";
import { type CursorState, cssCursor, imageOf, showsRemotePointer } from "./cursor";

interface PointerViewOptions {
  canvas: HTMLCanvasElement;
  image: HTMLImageElement;
  state: CursorState;
  hands: Hands;
  hasControls: () => boolean;
}

/** After this a pointer that stays elsewhere is looked at again. */
const LOOK_AGAIN_MS = 450;

export class PointerView {
  readonly #options: PointerViewOptions;
  #isOver = false;
  #movedAt = Number.NEGATIVE_INFINITY;
  #drawn: CursorShape | null = null;
  #css = "";
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(options: PointerViewOptions) {
    this.#options = options;
  }

  handlePointer = ({ over, at }: { over: boolean; at: number }): void => {
    this.#isOver = over;
    this.#movedAt = at;
    if (!this.#options.image.hidden || !over) this.update();
  };

  update = (): void => {
    const { state, hasControls } = this.#options;
    const controls = hasControls();
    this.#setCss(controls ? cssKey(state) : "default", () =>
      controls ? cssCursor(state.shape, state.isHidden) : "default",
    );
    this.#showRemote(controls);
  };

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** The image of a shape is made once, not for every move. */
  #setCss(key: string, value: () => string): void {
    if (key === this.#css) return;
    this.#css = key;
    this.#options.canvas.style.cursor = value();
  }

  #showRemote(controls: boolean): void {
    const { canvas, image, state, hands } = this.#options;
    const { position, shape } = state;
    const mine = { controls, over: this.#isOver, sent: hands.place, sentAt: this.#movedAt };
    const shown =
      shape !== null && shape.width > 0 && shape.height > 0 && showsRemotePointer(position, mine, performance.now());
    image.hidden = !shown;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer =
      controls && !shown ? setTimeout(() => this.#showRemote(hasControlsNow(this.#options)), LOOK_AGAIN_MS) : null;
    if (!shown || !position) return;
    if (this.#drawn !== shape) {
      this.#drawn = shape;
      image.src = imageOf(shape);
    }
    const scale = canvas.clientWidth / Math.max(canvas.width, 1);
    image.style.width = `${shape.width * scale}px`;
    image.style.transform = `translate(${(position.x - shape.hotX) * scale}px, ${(position.y - shape.hotY) * scale}px)`;
  }
}

function hasControlsNow(options: PointerViewOptions): boolean {
  return options.hasControls();
}

function cssKey(state: CursorState): string {
  return state.isHidden ? "none" : `${state.shape?.id ?? "default"}`;
}
