// The pointer as data: its shape and place travel beside the picture.

import { ByteReader, Malformed } from "./bytes";
import { limits } from "./limits";

export interface CursorPosition {
  kind: "position";
  /** The hot spot, in screen pixels. */
  x: number;
  y: number;
  /** 0: hidden. */
  shape: number;
}

export interface CursorShape {
  kind: "shape";
  id: number;
  width: number;
  height: number;
  hotX: number;
  hotY: number;
  /** Not premultiplied. */
  rgba: Uint8Array;
}

export function decodeCursor(bytes: Uint8Array): CursorPosition | CursorShape {
  const reader = new ByteReader(bytes);
  const kind = reader.u8();
  if (kind === 1) {
    const position: CursorPosition = { kind: "position", x: reader.u16(), y: reader.u16(), shape: reader.u32() };
    reader.end();
    return position;
  }
  if (kind !== 2) throw new Malformed(`cursor kind ${kind} is not known`);
  const id = reader.u32();
  const width = reader.count("cursor width", reader.u16(), limits.cursorSide);
  const height = reader.count("cursor height", reader.u16(), limits.cursorSide);
  const [hotX, hotY] = [reader.u16(), reader.u16()];
  const rgba = reader.take(width * height * 4);
  reader.end();
  return { kind: "shape", id, width, height, hotX, hotY, rgba };
}
