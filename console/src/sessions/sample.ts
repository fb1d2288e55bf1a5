// A session as the gateway sends it, for tests.
import type { Session } from "../api/types";

export function sampleSession(changes: Partial<Session> = {}): Session {
  return {
    id: "1",
    name: "Frau Lorenz",
    note: "",
    channel: { id: "10", name: "General" },
    status: "waiting",
    sub_state: { kind: "offline", rights: null, count: 0, agent: "away", paused: false, stopped: false, left: false },
    technicians: [{ id: "7", name: "Ines Hartmann", slot: 0, assigned: true, consent: "idle", rights: null, asks_left_until: null, stopped: false, reject_until: null, verification: null }],
    created_at: "2026-11-21T22:00:00Z",
    created_by: { id: "7", name: "Ines Hartmann" },
    waiting_since: "2026-11-21T22:00:00Z",
    expires_at: "2026-11-22T22:00:00Z",
    closed_at: null,
    device: null,
    request: null,
    talk: { unread: 0, unread_whispers: 0, delivered: 0, read: 0 },
    rating: null,
    controller_id: null,
    control_ask: null,
    actions: [],
    ...changes,
  };
}
