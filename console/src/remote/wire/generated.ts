// Generated from protocol/src/control.rs by `UPDATE_VECTORS=1 cargo test -p mayday-protocol --test golden`. Do not edit.

/**
 * One support case. Random, never reused, so that a stale packet finds nobody.
 */
export type SessionId = number;

/**
 * A technician's account.
 */
export type TechnicianId = number;

/**
 * One request for consent; an answer names it, so that a late answer grants nothing.
 */
export type AskId = number;

/**
 * A technician's place in one session: 0, 1 or 2. Bit `slot` of an [`Audience`](crate::Audience) means this technician.
 */
export type Slot = number;

/**
 * What a technician may do, as asked for or as granted. Viewing is implied by every grant.
 */
export type Rights = { view: boolean, control: boolean, };

export type ScreenState = "live" | "changing" | "locked" | "unavailable" | "unknown";

export type ConsentState = "idle" | "asking" | "granted" | "rejected" | "unanswered" | "unknown";

export type AgentState = "away" | "lost" | "here" | "unknown";

export type EndReason = "closed" | "expired" | "replaced" | "restart" | "removed" | "unknown";

/**
 * Why a gateway refuses. The words a person reads are the receiver's, in their language.
 */
export type Refusal = { "t": "not_found", } | { "t": "try_later", seconds: number, } | { "t": "in_use", } | { "t": "over", } | { "t": "resume_late", } | { "t": "version", min: number, max: number, } | { "t": "ticket", } | { "t": "busy", } | { "t": "paused", } | { "t": "full", } | { "t": "form", field: number | null, } | { "t": "unknown" };

export type RemoteTechnician = { slot: Slot, name: string, connected: boolean, control: boolean, };

/**
 * Who asks for the controls.
 */
export type ControlRequest = { slot: Slot, 
/**
 * How long the one who has them has to answer, milliseconds from the sending of this.
 */
left_ms: number, };

/**
 * All that a viewer must know to say in words why there is or is not a picture.
 */
export type RemoteState = { 
/**
 * What this technician was granted.
 */
rights: Rights, consent: ConsentState, agent: AgentState, paused: boolean, screen: ScreenState, 
/**
 * Who may move the mouse.
 */
controller: Slot | null, technicians: Array<RemoteTechnician>, 
/**
 * The end user's computer, for the title.
 */
host_name: string, 
/**
 * Somebody asks the one who has the controls for them.
 */
request: ControlRequest | null, 
/**
 * The end user took back what this technician had been granted.
 */
stopped: boolean, 
/**
 * The end user ended the app: it is away by their choice.
 */
left: boolean, };

/**
 * What a technician's viewer (browser or native) says.
 */
export type FromTechnician = { "t": "hello", version: number, 
/**
 * One-time, from `POST /api/v1/sessions/{id}/connect`, valid 60 s; or the newest `resume` of `Joined`.
 */
ticket: string, } | { "t": "controller", slot: Slot, } | { "t": "bye", } | { "t": "unknown" };

/**
 * What the gateway says to a technician's viewer.
 */
export type ToTechnician = { "t": "joined", version: number, session: SessionId, slot: Slot, state: RemoteState, 
/**
 * The session's name, for the title.
 */
name: string, 
/**
 * A ticket for coming back after a lost connection: used once, until 60 s after the gateway missed the viewer.
 */
resume: string, } | { "t": "refused", reason: Refusal, } | { "t": "state", state: RemoteState, } | { "t": "clear", } | { "t": "ended", reason: EndReason, } | { "t": "unknown" };
