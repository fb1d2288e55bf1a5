// What a technician's hands do: payloads of `Input` (reliable, ordered) and `Pointer` (newest wins) packets.

import { ByteWriter } from "./bytes";

export type InputEvent =
  /** `code`: Linux input event code of the physical key. */
  | { kind: "key"; code: number; down: boolean }
  /** `button`: 1 left, 2 middle, 3 right, 8 back, 9 forward. */
  | { kind: "button"; button: number; down: boolean; x: number; y: number }
  /** In 1/120 of a notch; positive is right and down. */
  | { kind: "wheel"; dx: number; dy: number; x: number; y: number }
  | { kind: "text"; text: string }
  | { kind: "release_all" };

export interface Input {
  epoch: number;
  events: InputEvent[];
}

export interface Pointer {
  epoch: number;
  x: number;
  y: number;
  /** The last `Input` sequence before this move. */
  after: number;
}

function writeEvent(out: ByteWriter, event: InputEvent): void {
  switch (event.kind) {
    case "key":
      out.u8(1).u16(event.code).u8(Number(event.down));
      return;
    case "button":
      out.u8(2).u8(event.button).u8(Number(event.down)).u16(event.x).u16(event.y);
      return;
    case "wheel":
      out.u8(3).i16(event.dx).i16(event.dy).u16(event.x).u16(event.y);
      return;
    case "text":
      out.u8(4).text(event.text);
      return;
    case "release_all":
      out.u8(5);
  }
}

export function encodeInput(input: Input): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(8 + 8 * input.events.length).u32(input.epoch).u8(input.events.length);
  for (const event of input.events) writeEvent(out, event);
  return out.finish();
}

export function encodePointer(pointer: Pointer): Uint8Array<ArrayBuffer> {
  return new ByteWriter(12).u32(pointer.epoch).u16(pointer.x).u16(pointer.y).u32(pointer.after).finish();
}
