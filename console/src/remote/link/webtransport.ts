// A link by WebTransport (QUIC). One bidirectional stream is the ordered one; larger packets come each on a stream of their own.

import { OrderedSplitter, encodeOrdered } from "../wire/framing";
import { decodePacket } from "../wire/header";
import { IncomingStream } from "./incoming";
import { type Link, type LinkEvents, MALFORMED, type Offer, type Opening } from "./link";

/** Streams that may be half here at the same time. */
const STREAMS = 1024;
/** Datagrams that may wait for this page to read them. */
const WAITING_DATAGRAMS = 1024;

/** Safari has `createWritable`, Chromium `writable`. */
interface Datagrams {
  createWritable?: () => WritableStream<Uint8Array>;
  writable?: WritableStream<Uint8Array>;
  readable: ReadableStream<Uint8Array>;
  incomingHighWaterMark: number;
}

export function openWebTransport(offer: Offer, events: LinkEvents): Opening {
  const transport = new WebTransport(offer.webTransportUrl, {
    serverCertificateHashes: offer.certificateHashes.map((hash) => ({
      algorithm: "sha-256",
      value: Uint8Array.from(hash.match(/../g) ?? [], (byte) => parseInt(byte, 16)),
    })),
  });
  transport.closed.catch(() => undefined);
  return {
    path: "webtransport",
    ready: WebTransportLink.open(transport, events),
    abort: () => transport.close(),
  };
}

class WebTransportLink implements Link {
  readonly path = "webtransport";
  readonly #transport: WebTransport;
  readonly #events: LinkEvents;
  readonly #ordered: WritableStreamDefaultWriter<Uint8Array>;
  readonly #datagrams: WritableStreamDefaultWriter<Uint8Array>;
  #streams = 0;

  static async open(transport: WebTransport, events: LinkEvents): Promise<Link> {
    await transport.ready;
    const stream = await transport.createBidirectionalStream();
    return new WebTransportLink(transport, stream, events);
  }

  private constructor(transport: WebTransport, stream: WebTransportBidirectionalStream, events: LinkEvents) {
    this.#transport = transport;
    this.#events = events;
    this.#ordered = stream.writable.getWriter();
    const datagrams = transport.datagrams as unknown as Datagrams;
    datagrams.incomingHighWaterMark = WAITING_DATAGRAMS;
    this.#datagrams = (datagrams.createWritable?.() ?? datagrams.writable!).getWriter();
    void this.#whileOpen(this.#readOrdered(stream.readable));
    void this.#whileOpen(this.#readDatagrams(datagrams.readable));
    void this.#whileOpen(this.#acceptStreams());
    transport.closed.then(
      ({ reason }) => events.closed(reason ?? ""),
      (error: unknown) => events.closed(String(error)),
    );
  }

  sendControl(bytes: Uint8Array): void {
    this.#write(this.#ordered, encodeOrdered({ kind: "control", bytes }));
  }

  sendOrdered(packet: Uint8Array): void {
    this.#write(this.#ordered, encodeOrdered({ kind: "packet", bytes: packet }));
  }

  sendDatagram(packet: Uint8Array): void {
    this.#write(this.#datagrams, packet);
  }

  close(): void {
    this.#transport.close();
  }

  /** A write fails only when the link is over, and that is told by `closed`. */
  #write(to: WritableStreamDefaultWriter<Uint8Array>, bytes: Uint8Array): void {
    to.write(bytes).catch(() => undefined);
  }

  /** A reader that ends in an error ends the link: the peer broke the protocol, or the link is over anyway. */
  async #whileOpen(reading: Promise<void>): Promise<void> {
    try {
      await reading;
    } catch (error) {
      this.#transport.close({ closeCode: MALFORMED, reason: String(error).slice(0, 200) });
    }
  }

  async #readOrdered(readable: ReadableStream<Uint8Array>): Promise<void> {
    const splitter = new OrderedSplitter();
    await eachChunk(readable, (chunk) => {
      const now = performance.now();
      for (const message of splitter.push(chunk)) {
        if (message.kind === "control") this.#events.control(message.bytes);
        else this.#events.packet(decodePacket(message.bytes), { first: now, last: now });
      }
    });
  }

  async #readDatagrams(readable: ReadableStream<Uint8Array>): Promise<void> {
    await eachChunk(readable, (bytes) => {
      const now = performance.now();
      this.#events.packet(decodePacket(bytes), { first: now, last: now });
    });
  }

  async #acceptStreams(): Promise<void> {
    const streams = this.#transport.incomingUnidirectionalStreams as ReadableStream<ReadableStream<Uint8Array>>;
    await eachChunk(streams, (stream) => {
      if (this.#streams >= STREAMS) throw new Error("too many streams");
      this.#streams++;
      // Not awaited: streams are read side by side.
      void this.#whileOpen(this.#readStream(stream)).finally(() => this.#streams--);
    });
  }

  async #readStream(stream: ReadableStream<Uint8Array>): Promise<void> {
    const incoming = new IncomingStream(performance.now());
    const reader = stream.getReader();
    for (;;) {
      let step;
      try {
        step = await reader.read();
      } catch {
        if (incoming.header) this.#events.abandoned(incoming.header);
        return;
      }
      const now = performance.now();
      if (step.done) {
        this.#events.packet(incoming.finish(), { first: incoming.startedAt, last: now });
        return;
      }
      incoming.push(step.value);
      if (incoming.header) this.#events.arriving(incoming.header, now);
    }
  }
}

/** Calls `handle` for everything that comes; an error in it ends the reading, the stream's own error is its end. */
async function eachChunk<T>(stream: ReadableStream<T>, handle: (chunk: T) => void): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const step = await reader.read().catch(() => ({ done: true, value: undefined }) as const);
    if (step.done) return;
    handle(step.value);
  }
}
