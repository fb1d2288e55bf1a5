// One decoder per stripe, and the frames that came out of them and are not drawn yet. Owns every VideoFrame until it is taken.

import type { Layout } from "../wire/update";
import { stripeCount } from "../wire/update";
import { codecString } from "./codec-string";

/** What agents send, whatever a decoder guesses from the size of a stripe. */
const COLOURS: VideoColorSpaceInit = { primaries: "bt709", transfer: "bt709", matrix: "bt709", fullRange: false };

export interface DecoderEvents {
  decoded(stripe: number, picture: number): void;
  /** The decoder is gone, by an error or because the browser wanted its memory back. */
  failed(stripe: number): void;
}

export class Decoders {
  readonly #stripes: StripeDecoder[];

  constructor(layout: Layout, events: DecoderEvents) {
    this.#stripes = Array.from({ length: stripeCount(layout) }, (_, stripe) => {
      return new StripeDecoder({
        decoded: (picture) => events.decoded(stripe, picture),
        failed: () => events.failed(stripe),
      });
    });
  }

  decode(stripe: number, picture: number, key: boolean, data: Uint8Array): void {
    this.#stripes[stripe]?.decode(picture, key, data);
  }

  /** Hands over a decoded frame; the taker closes it. */
  take(stripe: number, picture: number): VideoFrame | null {
    return this.#stripes[stripe]?.take(picture) ?? null;
  }

  close(): void {
    for (const stripe of this.#stripes) stripe.close();
  }
}

interface StripeEvents {
  decoded(picture: number): void;
  failed(): void;
}

class StripeDecoder {
  readonly #events: StripeEvents;
  readonly #frames = new Map<number, VideoFrame>();
  #decoder: VideoDecoder | null = null;
  #codec = "";

  constructor(events: StripeEvents) {
    this.#events = events;
  }

  decode(picture: number, key: boolean, data: Uint8Array): void {
    try {
      const decoder = key ? this.#forKey(data) : this.#decoder;
      if (!decoder) throw new Error("no key picture came before this one");
      decoder.decode(new EncodedVideoChunk({ type: key ? "key" : "delta", timestamp: picture, data }));
    } catch {
      this.#fail();
    }
  }

  take(picture: number): VideoFrame | null {
    const frame = this.#frames.get(picture) ?? null;
    this.#frames.delete(picture);
    return frame;
  }

  close(): void {
    const decoder = this.#decoder;
    this.#decoder = null;
    if (decoder && decoder.state !== "closed") decoder.close();
    for (const frame of this.#frames.values()) frame.close();
    this.#frames.clear();
  }

  /** The decoder that a key picture can go to: a new one when there is none or the picture is of another kind. */
  #forKey(data: Uint8Array): VideoDecoder {
    const codec = codecString(data);
    if (this.#decoder?.state === "configured" && this.#codec === codec) return this.#decoder;
    const decoder = this.#decoder?.state === "configured" ? this.#decoder : this.#make();
    decoder.configure({
      codec,
      optimizeForLatency: true,
      hardwareAcceleration: "prefer-software",
      colorSpace: COLOURS,
    });
    this.#decoder = decoder;
    this.#codec = codec;
    return decoder;
  }

  #make(): VideoDecoder {
    const decoder = new VideoDecoder({
      output: (frame) => {
        if (this.#decoder !== decoder) {
          frame.close();
          return;
        }
        this.#frames.get(frame.timestamp)?.close();
        this.#frames.set(frame.timestamp, frame);
        this.#events.decoded(frame.timestamp);
      },
      error: () => {
        if (this.#decoder === decoder) this.#fail();
      },
    });
    return decoder;
  }

  /** What was decoded already stays good. */
  #fail(): void {
    const decoder = this.#decoder;
    this.#decoder = null;
    if (decoder && decoder.state !== "closed") decoder.close();
    this.#events.failed();
  }
}
