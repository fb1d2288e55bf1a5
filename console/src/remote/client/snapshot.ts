// What the view needs to know about the connection, as one value. Data only.

import type { EndReason, Refusal, RemoteState } from "../wire/generated";
import type { Path } from "../link/link";

export type Phase =
  /** Nobody asked for a connection yet, or the gateway says that there is nothing to connect to now. */
  | { kind: "idle" }
  /** The technician disconnected. */
  | { kind: "left" }
  | { kind: "connecting" }
  | { kind: "joined" }
  /** Lost; the next attempt is at `at` (this page's clock). */
  | { kind: "reconnecting"; at: number; attempt: number }
  | { kind: "refused"; reason: Refusal }
  | { kind: "ended"; reason: EndReason }
  /** The browser lacks what the picture needs. */
  | { kind: "unsupported" };

export interface Snapshot {
  phase: Phase;
  /** The place of this technician in the session. */
  slot: number | null;
  state: RemoteState | null;
  path: Path | null;
  /** The remote screen, once its layout is known. */
  screen: { width: number; height: number } | null;
  /** Whether there is something on the canvas. */
  hasPicture: boolean;
  /** The form of pictures that came and this page cannot read; null while it can. */
  otherForm: number | null;
  /** Nothing was heard for a while although the picture should come. */
  isStalled: boolean;
}

export const NOTHING: Snapshot = {
  phase: { kind: "idle" },
  slot: null,
  state: null,
  path: null,
  screen: null,
  hasPicture: false,
  otherForm: null,
  isStalled: false,
};

/** Whether the agent should be sending pictures to this technician now. */
export function isWatching(snapshot: Snapshot): boolean {
  const { phase, state } = snapshot;
  if (phase.kind !== "joined" || !state) return false;
  return state.rights.view && state.consent === "granted" && state.agent === "here" && !state.paused;
}

/** Whether this technician may move the mouse and type now. */
export function hasControls(snapshot: Snapshot): boolean {
  const { state, slot } = snapshot;
  return isWatching(snapshot) && state !== null && state.rights.control && slot !== null && state.controller === slot;
}
