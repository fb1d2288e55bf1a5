// Where the picture lies on the page and which remote pixel a place on the page means. Pure geometry.

export type Scaling = "fit" | "actual" | "fill";

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  left: number;
  top: number;
}

/** Closer to 1:1 than this, it is 1:1: text would only blur. */
const SNAP = 0.02;

/** The picture's size in CSS pixels inside `area`. `ratio`: device pixels per CSS pixel. */
export function scaledSize(screen: Size, area: Size, scaling: Scaling, ratio: number): Size {
  const exact = { width: screen.width / ratio, height: screen.height / ratio };
  if (scaling === "actual" || area.width <= 0 || area.height <= 0) return exact;
  const factors = [area.width / exact.width, area.height / exact.height];
  const factor = scaling === "fit" ? Math.min(...factors) : Math.max(...factors);
  if (Math.abs(factor - 1) < SNAP && (factor >= 1 || scaling === "fill")) return exact;
  return { width: exact.width * factor, height: exact.height * factor };
}

/** The remote pixel under a place on the page; places beside the picture mean its nearest edge. */
export function remotePixel(client: { x: number; y: number }, box: Box, screen: Size): { x: number; y: number } {
  const along = (at: number, start: number, length: number, pixels: number) => {
    const pixel = Math.floor(((at - start) / length) * pixels);
    return Math.min(Math.max(Number.isFinite(pixel) ? pixel : 0, 0), pixels - 1);
  };
  return {
    x: along(client.x, box.left, box.width, screen.width),
    y: along(client.y, box.top, box.height, screen.height),
  };
}
