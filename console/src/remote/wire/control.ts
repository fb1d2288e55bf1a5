// Control messages: MessagePack with named fields. Owns checking that what came is what the generated types say; unknown
// fields are ignored and an unknown message becomes `unknown`, so that neighbouring versions talk.

import { Decoder, encode } from "@msgpack/msgpack";

import { Malformed } from "./bytes";
import type { ControlRequest, FromTechnician, Refusal, RemoteState, RemoteTechnician, Rights, ToTechnician } from "./generated";
import { limits } from "./limits";

type Fields = Record<string, unknown>;

/** Lists and maps longer than anything a control message has are refused before they are made. */
const decoder = new Decoder({ maxArrayLength: 1024, maxMapLength: 1024, maxExtLength: 0 });

export function encodeControl(message: FromTechnician): Uint8Array {
  return encode(message);
}

/** Reads what the gateway says. */
export function decodeControl(bytes: Uint8Array): ToTechnician {
  if (bytes.length > limits.controlBytes) throw new Malformed("control message is too large");
  let value: unknown;
  try {
    value = decoder.decode(bytes);
  } catch {
    throw new Malformed("control message is not MessagePack");
  }
  return toTechnician(value);
}

function toTechnician(value: unknown): ToTechnician {
  const message = fields(value);
  switch (text(message, "t")) {
    case "joined":
      return {
        t: "joined",
        version: whole(message, "version", 255),
        session: whole(message, "session", Number.MAX_SAFE_INTEGER),
        slot: slot(message, "slot"),
        state: remoteState(message.state),
        name: text(message, "name"),
        resume: message.resume === undefined ? "" : text(message, "resume"),
      };
    case "refused":
      return { t: "refused", reason: refusal(message.reason) };
    case "state":
      return { t: "state", state: remoteState(message.state) };
    case "clear":
      return { t: "clear" };
    case "ended":
      return { t: "ended", reason: oneOf(message, "reason", ["closed", "expired", "replaced", "restart", "removed"]) };
    default:
      return { t: "unknown" };
  }
}

function refusal(value: unknown): Refusal {
  const reason = fields(value);
  const kind = oneOf(reason, "t", [
    "not_found",
    "try_later",
    "in_use",
    "over",
    "resume_late",
    "version",
    "ticket",
    "busy",
  ]);
  switch (kind) {
    case "try_later":
      return { t: kind, seconds: whole(reason, "seconds", 0xffff_ffff) };
    case "version":
      return { t: kind, min: whole(reason, "min", 255), max: whole(reason, "max", 255) };
    default:
      return { t: kind };
  }
}

function remoteState(value: unknown): RemoteState {
  const state = fields(value);
  const controller = state.controller ?? null;
  return {
    rights: rights(state.rights),
    consent: oneOf(state, "consent", ["idle", "asking", "granted", "rejected", "unanswered"]),
    agent: oneOf(state, "agent", ["away", "lost", "here"]),
    paused: flag(state, "paused"),
    screen: oneOf(state, "screen", ["live", "changing", "locked", "unavailable"]),
    controller: controller === null ? null : slot(state, "controller"),
    technicians: technicians(state.technicians),
    host_name: text(state, "host_name"),
    request: controlRequest(state.request),
    // Absent in what an older gateway says.
    stopped: state.stopped === true,
    left: state.left === true,
  };
}

/** Absent in what an older gateway says. */
function controlRequest(value: unknown): ControlRequest | null {
  if (value === undefined || value === null) return null;
  const request = fields(value);
  return { slot: slot(request, "slot"), left_ms: whole(request, "left_ms", 0xffff_ffff) };
}

function technicians(value: unknown): RemoteTechnician[] {
  if (!Array.isArray(value)) throw new Malformed("technicians is not a list");
  return value.map((item) => {
    const technician = fields(item);
    return {
      slot: slot(technician, "slot"),
      name: text(technician, "name"),
      connected: flag(technician, "connected"),
      control: flag(technician, "control"),
    };
  });
}

function rights(value: unknown): Rights {
  const { view = false, control = false } = fields(value);
  return { view: view === true, control: control === true };
}

function fields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Malformed("control message is not a map");
  }
  return value as Fields;
}

function text(of: Fields, name: string): string {
  const value = of[name];
  if (typeof value !== "string") throw new Malformed(`${name} is not text`);
  return value;
}

function flag(of: Fields, name: string): boolean {
  const value = of[name];
  if (typeof value !== "boolean") throw new Malformed(`${name} is neither true nor false`);
  return value;
}

function whole(of: Fields, name: string, max: number): number {
  const value = of[name];
  if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max) {
    throw new Malformed(`${name} is not a whole number up to ${max}`);
  }
  return value;
}

/** A session has slots 0, 1 and 2. */
function slot(of: Fields, name: string): number {
  return whole(of, name, 2);
}

function oneOf<const T extends string>(of: Fields, name: string, known: readonly T[]): T | "unknown" {
  const value = text(of, name);
  return known.find((item) => item === value) ?? "unknown";
}
