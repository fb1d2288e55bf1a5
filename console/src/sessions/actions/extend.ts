// By how much a session can be extended, and until when that makes it last. The gateway's limits: never later than a week from now.
const CHOICES_S = [900, 1800, 3600, 14_400, 28_800, 86_400, 259_200, 604_800];
const LONGEST_MS = 604_800_000;

export interface Extension {
  seconds: number;
  until: number;
}

/** Those that make a difference, the shortest first. */
export function extensions(expiresAt: string, now: number): Extension[] {
  const from = Math.max(Date.parse(expiresAt), now);
  const latest = now + LONGEST_MS;
  const all = CHOICES_S.map((seconds) => ({ seconds, until: Math.min(from + seconds * 1000, latest) }));
  // What is shorter and lasts as long says enough.
  return all.filter(({ until }, index) => until > from && (index === 0 || until > all[index - 1]!.until));
}
