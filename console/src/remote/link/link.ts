// One connection to the gateway, whichever way it travels. Owns the interface; each way has a file of its own.

import type { ClearHeader, Packet } from "../wire/header";

export type Path = "webtransport" | "websocket";

/** When the bytes of a packet came, on this page's clock in milliseconds. */
export interface Timing {
  first: number;
  last: number;
}

/** What a link tells; set before it is opened, called until `closed`. */
export interface LinkEvents {
  control(bytes: Uint8Array): void;
  packet(packet: Packet, timing: Timing): void;
  /** Bytes of a packet came that is not whole yet. */
  arriving(header: ClearHeader, now: number): void;
  /** A packet that was announced by `arriving` will not come. */
  abandoned(header: ClearHeader): void;
  /** Once, whoever ended it. */
  closed(reason: string): void;
}

export interface Link {
  readonly path: Path;
  /** In order, none lost. */
  sendControl(bytes: Uint8Array): void;
  sendOrdered(packet: Uint8Array): void;
  /** At once, may be lost. */
  sendDatagram(packet: Uint8Array): void;
  close(): void;
}

/** A connection in the making. */
export interface Opening {
  readonly path: Path;
  ready: Promise<Link>;
  /** Gives it up; `ready` rejects, or its link is closed. */
  abort(): void;
}

/** What `POST …/connect` offers. */
export interface Offer {
  webTransportUrl: string;
  /** SHA-256 of the certificates that the gateway may show on UDP; hex. */
  certificateHashes: string[];
  webSocketUrl: string;
}

/** Close code for a peer that sent something that is no message. */
export const MALFORMED = 1;
