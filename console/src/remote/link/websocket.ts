// A link by WebSocket, for networks without UDP: the same messages in one pipe.

import { decodeWebSocket, encodeWebSocket, type Chunk } from "../wire/framing";
import { decodePacket } from "../wire/header";
import { limits } from "../wire/limits";
import { Malformed } from "../wire/bytes";
import { IncomingStream } from "./incoming";
import type { Link, LinkEvents, Offer, Opening } from "./link";

const SUBPROTOCOL = "mayday.1";
/** Streams that may be half here at the same time, and their bytes in all. */
const STREAMS = 1024;
const STREAM_BYTES = 2 * limits.updateBytes;
/** Behind more than this, what may be lost is: a newer one follows. */
const BACKLOG_BYTES = 64 * 1024;

export function openWebSocket(offer: Offer, events: LinkEvents): Opening {
  const socket = new WebSocket(offer.webSocketUrl, SUBPROTOCOL);
  socket.binaryType = "arraybuffer";
  const ready = new Promise<Link>((resolve, reject) => {
    socket.onopen = () => resolve(new WebSocketLink(socket, events));
    socket.onclose = () => reject(new Error("the WebSocket could not be opened"));
  });
  return { path: "websocket", ready, abort: () => socket.close() };
}

class WebSocketLink implements Link {
  readonly path = "websocket";
  readonly #socket: WebSocket;
  readonly #events: LinkEvents;
  readonly #streams = new Map<number, IncomingStream>();

  constructor(socket: WebSocket, events: LinkEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ reason }) => events.closed(reason);
  }

  sendControl(bytes: Uint8Array): void {
    this.#send(encodeWebSocket({ kind: "control", bytes }));
  }

  sendOrdered(packet: Uint8Array): void {
    this.#send(encodeWebSocket({ kind: "packet", bytes: packet }));
  }

  sendDatagram(packet: Uint8Array): void {
    if (this.#socket.bufferedAmount > BACKLOG_BYTES) return;
    this.#send(encodeWebSocket({ kind: "datagram", bytes: packet }));
  }

  close(): void {
    this.#socket.close();
  }

  #send(bytes: Uint8Array<ArrayBuffer>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(bytes);
  }

  #receive(data: unknown): void {
    const now = performance.now();
    try {
      if (!(data instanceof ArrayBuffer)) throw new Malformed("a WebSocket message that is not binary");
      const message = decodeWebSocket(new Uint8Array(data));
      if (message.kind === "control") this.#events.control(message.bytes);
      else if (message.kind === "chunk") this.#chunk(message, now);
      else this.#events.packet(decodePacket(message.bytes), { first: now, last: now });
    } catch (error) {
      // 4000-4999 is the range for applications.
      this.#socket.close(4001, String(error).slice(0, 100));
    }
  }

  #chunk(chunk: Chunk, now: number): void {
    const known = this.#streams.get(chunk.stream);
    const stream = known ?? new IncomingStream(now);
    if (chunk.end === "abandoned") {
      this.#streams.delete(chunk.stream);
      if (stream.header) this.#events.abandoned(stream.header);
      return;
    }
    stream.push(chunk.bytes);
    if (chunk.end === "finished") {
      this.#streams.delete(chunk.stream);
      this.#events.packet(stream.finish(), { first: stream.startedAt, last: now });
      return;
    }
    this.#streams.set(chunk.stream, stream);
    const bytes = [...this.#streams.values()].reduce((sum, item) => sum + item.length, 0);
    if (this.#streams.size > STREAMS || bytes > STREAM_BYTES) throw new Malformed("too many unfinished streams");
    if (stream.header) this.#events.arriving(stream.header, now);
  }
}
