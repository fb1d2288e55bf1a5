// The remote client: holds link, picture and hands together, and comes back by itself when the network was lost.
// Owns the connection's life; what each part does is the parts' business, and words and buttons are the view's.

import { Hands } from "../hands/hands";
import type { LinkEvents, Offer, Timing } from "../link/link";
import { connect } from "../link/race";
import { CursorState } from "../picture/cursor";
import { decodeControl } from "../wire/control";
import { decodeCursor } from "../wire/cursor";
import { decodePong } from "../wire/feedback";
import type { Refusal, RemoteState, ToTechnician } from "../wire/generated";
import { Class, type Packet } from "../wire/header";
import { VERSION } from "../wire/limits";
import { type Layout, OtherForm, decodeUpdate } from "../wire/update";
import { backoff } from "./backoff";
import { Outgoing } from "./outgoing";
import { Ping } from "./ping";
import { NOTHING, type Snapshot, hasControls, isWatching } from "./snapshot";
import { Statistics } from "./statistics";
import { PictureStream } from "./stream";

export interface TicketOffer extends Offer {
  ticket: string;
}

/** After the hello the gateway answers within this, or the link is given up. */
const JOIN_MS = 10_000;
const TICK_MS = 500;

export class RemoteClient {
  readonly #requestOffer: () => Promise<TicketOffer | null>;
  readonly #listeners = new Set<() => void>();
  #snapshot: Snapshot = NOTHING;
  #isWanted = false;
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #abort = new AbortController();
  #session: number | null = null;
  readonly #outgoing = new Outgoing();
  readonly #stream = new PictureStream({
    isWatching: () => isWatching(this.#snapshot),
    refresh: (epoch, stripes) => this.#outgoing.refresh(epoch, stripes),
    drawn: (update, draw, queued, now) => {
      this.statistics.handleDrawn(update, draw, now);
      this.#outgoing.drawn(update, draw, queued, now);
    },
    shown: (layout) => this.#handleShown(layout),
  });
  readonly #ping = new Ping();
  readonly #ticker: ReturnType<typeof setInterval>;
  readonly cursor = new CursorState();
  readonly statistics = new Statistics();
  /** Called when the remote pointer moved or changed. */
  onCursor: () => void = () => undefined;
  readonly hands = new Hands({
    input: (sequence, events) => {
      this.statistics.handleInput(sequence, performance.now());
      this.#ping.handleActivity(performance.now());
      this.#outgoing.input(sequence, this.#stream.epoch, events);
    },
    pointer: (after, x, y) => {
      this.#ping.handleActivity(performance.now());
      this.#outgoing.pointer(after, this.#stream.epoch, x, y);
    },
  });

  /** `requestOffer` gives null when no connection is possible now: the session is not granted (any more), or not mine. */
  constructor(requestOffer: () => Promise<TicketOffer | null>) {
    this.#requestOffer = requestOffer;
    this.#ticker = setInterval(() => this.#tick(), TICK_MS);
    addEventListener("online", this.#retryNow);
    addEventListener("pagehide", this.#leave);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  snapshot = (): Snapshot => this.#snapshot;

  attach(canvas: HTMLCanvasElement): void {
    this.#stream.attach(canvas);
  }

  get drawPath(): string | null {
    return this.#stream.drawPath;
  }

  /** Connects and stays connected. Starting again after an end is a new beginning. */
  start(): void {
    if (!("VideoDecoder" in globalThis)) {
      this.#change({ phase: { kind: "unsupported" } });
      return;
    }
    if (this.#isWanted) return;
    this.#isWanted = true;
    this.#attempt = 0;
    void this.#connect();
  }

  /** Ends the connection, if there is one, and stays away. */
  stop(): void {
    this.#isWanted = false;
    this.#leave();
    this.#drop();
    this.#clearPicture();
    this.#change({ ...NOTHING, phase: { kind: "left" } });
  }

  dispose(): void {
    this.stop();
    clearInterval(this.#ticker);
    removeEventListener("online", this.#retryNow);
    removeEventListener("pagehide", this.#leave);
    this.#listeners.clear();
  }

  /** Takes the controls (own slot) or hands them over. */
  giveControls(slot: number): void {
    this.#outgoing.control({ t: "controller", slot });
  }

  async #connect(): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    if (this.#attempt === 0) this.#change({ phase: { kind: "connecting" } });
    try {
      const offer = await this.#requestOffer();
      if (signal.aborted) return;
      if (!offer) {
        this.#over({ phase: { kind: "idle" } });
        return;
      }
      const link = await connect(offer, this.#heard(signal), signal);
      this.#outgoing.open(link);
      this.#change({ path: link.path });
      this.#outgoing.control({ t: "hello", version: VERSION, ticket: offer.ticket });
      this.#timer = setTimeout(() => this.#lost(), JOIN_MS);
    } catch {
      if (!signal.aborted) this.#lost();
    }
  }

  /** What comes over a link that was given up is not heard any more. */
  #heard(signal: AbortSignal): LinkEvents {
    const current = () => !signal.aborted;
    return {
      control: (bytes) => current() && this.#handleControl(decodeControl(bytes)),
      packet: (packet, timing) => current() && this.#handlePacket(packet, timing),
      arriving: (header, now) => {
        if (current() && isPicture(header.class)) this.#stream.handleArriving(header.sequence, now);
      },
      abandoned: (header) => {
        if (current() && isPicture(header.class)) this.#stream.handleArrived(header.sequence);
      },
      closed: () => current() && this.#lost(),
    };
  }

  #handleControl(message: ToTechnician): void {
    switch (message.t) {
      case "joined":
        this.#joined(message.session, message.slot, message.state);
        return;
      case "state":
        this.#handleState(message.state);
        return;
      case "clear":
        this.#clearPicture();
        return;
      case "refused":
        this.#refused(message.reason);
        return;
      case "ended":
        if (message.reason === "restart") this.#lost();
        else this.#over({ phase: { kind: "ended", reason: message.reason } });
        return;
      case "unknown":
    }
  }

  #joined(session: number, slot: number, state: RemoteState): void {
    this.#clearTimer();
    this.#session = session;
    this.#outgoing.join(session, slot);
    this.hands.reset();
    this.statistics.forgetInputs();
    this.#resetPicture();
    this.#ping.reset(performance.now());
    this.#change({ phase: { kind: "joined" }, slot, state, otherForm: null, isStalled: false });
  }

  #handleState(state: RemoteState): void {
    const hadControls = hasControls(this.#snapshot);
    // A new agent counts its epochs from the beginning.
    if (this.#snapshot.state?.agent === "away" && state.agent === "here") this.#resetPicture();
    if (!isWatching(this.#snapshot)) this.#ping.reset(performance.now());
    if (hadControls && !hasControls({ ...this.#snapshot, state })) this.hands.release();
    this.#change({ state });
    if (state.paused) this.#clearPicture();
  }

  #refused(reason: Refusal): void {
    // A ticket that was too old, and a full gateway, are worth another try.
    if (reason.t === "ticket" || reason.t === "busy" || reason.t === "try_later") this.#lost();
    else this.#over({ phase: { kind: "refused", reason } });
  }

  /** It ended for good, and somebody must act before there is a connection again. */
  #over(change: Partial<Snapshot>): void {
    this.#isWanted = false;
    this.#drop();
    this.#clearPicture();
    this.#change({ ...NOTHING, ...change });
  }

  /** The connection is gone: the picture stays, and a new attempt follows. */
  #lost(): void {
    this.#drop();
    if (!this.#isWanted) return;
    const wait = backoff(this.#attempt, Math.random());
    this.#attempt++;
    this.#change({ phase: { kind: "reconnecting", at: performance.now() + wait, attempt: this.#attempt }, path: null });
    this.#timer = setTimeout(() => void this.#connect(), wait);
  }

  #retryNow = (): void => {
    if (this.#snapshot.phase.kind !== "reconnecting") return;
    this.#clearTimer();
    void this.#connect();
  };

  #leave = (): void => {
    this.hands.release();
    this.#outgoing.control({ t: "bye" });
  };

  #drop(): void {
    this.#clearTimer();
    this.#abort.abort();
    this.#outgoing.close();
    this.hands.reset();
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #handlePacket(packet: Packet, timing: Timing): void {
    const { header, payload } = packet;
    const { slot } = this.#snapshot;
    if (header.session !== this.#session || slot === null || !((header.audience >> slot) & 1)) return;
    this.statistics.handleBytes(payload.length, timing.last);
    if (isPicture(header.class)) this.#stream.handleArrived(header.sequence);
    try {
      this.#handlePayload(packet, timing);
    } catch (error) {
      if (error instanceof OtherForm) {
        if (this.#snapshot.otherForm !== error.theirs) this.#change({ otherForm: error.theirs });
        return;
      }
      // A payload that is none is the agent's fault, not the link's: without it there is a gap, and gaps are asked for.
    }
  }

  #handlePayload({ header, payload }: Packet, timing: Timing): void {
    switch (header.class) {
      case Class.update:
      case Class.refinement: {
        this.#ping.handleActivity(timing.last);
        const arrival = {
          at: timing.last,
          spread: timing.last - timing.first,
          bytes: payload.length,
          age: header.ageUs / 1000,
        };
        const update = decodeUpdate(payload);
        if (this.#snapshot.otherForm !== null) this.#change({ otherForm: null });
        const isNew = this.#stream.handleUpdate(header.class, header.sequence, update, arrival);
        if (!isNew) this.#outgoing.drawnAgain(header.sequence);
        return;
      }
      case Class.cursor:
        this.cursor.handle(decodeCursor(payload), header.sequence);
        this.onCursor();
        return;
      case Class.pong:
        this.#handlePong(decodePong(payload).id);
        return;
      default:
    }
  }

  #handlePong(id: number): void {
    const ms = this.#ping.handlePong(id, performance.now());
    if (ms === null) return;
    this.#attempt = 0;
    this.statistics.handleRoundTrip(ms);
    this.#stream.handleRtt(ms);
    this.#outgoing.handleRoundTrip(ms);
    if (this.#snapshot.isStalled) this.#change({ isStalled: false });
  }

  #handleShown({ width, height }: Layout): void {
    const { screen, hasPicture } = this.#snapshot;
    if (hasPicture && screen?.width === width && screen.height === height) return;
    this.#change({ hasPicture: true, screen: { width, height } });
  }

  #tick(): void {
    const now = performance.now();
    if (!isWatching(this.#snapshot)) return;
    const { send, isStalled, isDead } = this.#ping.handleTick(now);
    if (send !== null) this.#outgoing.ping(send);
    if (isStalled && !this.#snapshot.isStalled) this.#change({ isStalled: true });
    if (isDead) this.#lost();
  }

  /** A new stream begins; what is on the canvas stays until its first picture. */
  #resetPicture(): void {
    this.#stream.reset();
    this.cursor.clear();
    this.onCursor();
  }

  #clearPicture(): void {
    this.#resetPicture();
    this.#stream.clear();
    this.hands.release();
    if (this.#snapshot.hasPicture) this.#change({ hasPicture: false });
  }

  #change(change: Partial<Snapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}

/** Updates and refinements share one count of sequences, and both are reported. */
function isPicture(kind: number): boolean {
  return kind === Class.update || kind === Class.refinement;
}
