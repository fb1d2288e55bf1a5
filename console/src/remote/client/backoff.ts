// How long to wait before connecting again. Pure.

const FIRST_MS = 300;
const LONGEST_MS = 10_000;
const SPREAD = 0.3;

/** `attempt` counts from 0; `random` is 0 to 1 and keeps many technicians from coming back in the same instant. */
export function backoff(attempt: number, random: number): number {
  const base = Math.min(FIRST_MS * 2 ** attempt, LONGEST_MS);
  return Math.round(base * (1 - SPREAD + 2 * SPREAD * random));
}
