// What this viewer says, as packets on the link of the moment. Owns headers, sequences, and which way each kind goes.

import type { Pending } from "../core/pending";
import type { Link } from "../link/link";
import { encodeControl } from "../wire/control";
import { type Feedback, type Report, encodeFeedback } from "../wire/feedback";
import type { FromTechnician } from "../wire/generated";
import { AGENT, Class, encodePacket } from "../wire/header";
import { type InputEvent, encodeInput, encodePointer } from "../wire/input";
import { Again, AGAIN_AFTER_MS } from "./again";

/** Reports that can be said again. */
const REPORTS = 256;

export class Outgoing {
  #link: Link | null = null;
  #sender: { session: number; slot: number } | null = null;
  #pointers = 0;
  #feedbacks = 0;
  readonly #reports = new Map<number, Report>();
  readonly #again = new Again();

  /** A link to say the hello on. */
  open(link: Link): void {
    this.#link = link;
  }

  /** Who we are in the session; sequences begin anew. */
  join(session: number, slot: number): void {
    this.#sender = { session, slot };
    this.#pointers = 0;
    this.#feedbacks = 0;
    this.#reports.clear();
    this.#again.reset();
  }

  close(): void {
    this.#link?.close();
    this.#link = null;
    this.#sender = null;
  }

  control(message: FromTechnician): void {
    this.#link?.sendControl(encodeControl(message));
  }

  ping(id: number): void {
    this.#feedback({ kind: "ping", id }, false);
  }

  /** In order: it must not be lost. */
  refresh(epoch: number, stripes: number[]): void {
    this.#feedback({ kind: "refresh", epoch, stripes }, true);
  }

  /** How an update fared; `draw` in milliseconds. */
  drawn(update: Pending, draw: number, queued: number, now: number): void {
    const { arrival } = update;
    const fed = update.fedAt ?? now;
    const report: Report = {
      kind: "drawn",
      update: update.sequence,
      bytes: arrival.bytes,
      arrivalUs: arrival.at * 1000,
      spreadUs: arrival.spread * 1000,
      waitUs: (fed - arrival.at) * 1000,
      decodeUs: ((update.decodedAt ?? now) - fed) * 1000,
      drawUs: draw * 1000,
      queued,
    };
    this.#reports.set(update.sequence, report);
    const [oldest] = this.#reports.keys();
    if (this.#reports.size > REPORTS && oldest !== undefined) this.#reports.delete(oldest);
    this.#feedback(report, false);
  }

  /** An update came again although it was drawn: its report was lost on the way. */
  drawnAgain(sequence: number): void {
    const report = this.#reports.get(sequence);
    if (report) this.#feedback(report, false);
  }

  handleRoundTrip(ms: number): void {
    this.#again.handleRoundTrip(ms);
  }

  /**
   * Both ways: the datagram is quick, the stream is sure; the agent takes whichever comes first. Both are ready before the connection
   * sends, so they share a packet and its fate; on a long way another datagram follows.
   */
  input(sequence: number, epoch: number, events: InputEvent[]): void {
    const packet = this.#packet(Class.input, sequence, encodeInput({ epoch, events }));
    if (!packet) return;
    const link = this.#link;
    link?.sendDatagram(packet);
    link?.sendOrdered(packet);
    if (link?.path !== "webtransport" || !this.#again.handleSent()) return;
    setTimeout(() => {
      if (this.#link === link) link.sendDatagram(packet);
    }, AGAIN_AFTER_MS);
  }

  pointer(after: number, epoch: number, x: number, y: number): void {
    const packet = this.#packet(Class.pointer, ++this.#pointers, encodePointer({ epoch, x, y, after }));
    if (packet) this.#link?.sendDatagram(packet);
  }

  #feedback(feedback: Feedback, reliable: boolean): void {
    const packet = this.#packet(Class.feedback, ++this.#feedbacks, encodeFeedback(feedback));
    if (!packet) return;
    if (reliable) this.#link?.sendOrdered(packet);
    else this.#link?.sendDatagram(packet);
  }

  #packet(kind: Class, sequence: number, payload: Uint8Array): Uint8Array | null {
    if (!this.#sender) return null;
    const { session, slot } = this.#sender;
    return encodePacket({ class: kind, source: slot, audience: AGENT, session, sequence, ageUs: 0 }, payload);
  }
}
