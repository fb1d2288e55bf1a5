// The audit's filter lives in the address: reload, back and a copied address keep it.
export const PERIODS = ["today", "week", "month", "all"] as const;
export type Period = (typeof PERIODS)[number];

export interface AuditSearch {
  q?: string;
  who?: string;
  what?: string;
  channel?: string;
  session?: string;
  period?: Period;
}

const text = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : "");

/** Reads an address; what is unknown or empty is left out. */
export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const period = PERIODS.find((one) => one === search.period && one !== "all");
  const given = (["q", "who", "what", "channel", "session"] as const).flatMap((key) => (text(search[key]) ? [[key, text(search[key])]] : []));
  return { ...Object.fromEntries(given), ...(period && { period }) };
}

const DAYS: Record<Period, number> = { today: 0, week: 6, month: 29, all: Infinity };

/** The period's first moment: midnight here, some days ago. */
export function since(period: Period, now: Date): string | undefined {
  if (period === "all") return undefined;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - DAYS[period]).toISOString();
}

/** What the gateway is asked for. */
export function asked(search: AuditSearch, now: Date) {
  return {
    q: search.q,
    actor: search.who,
    action: search.what,
    channel: search.channel,
    session: search.session,
    since: since(search.period ?? "all", now),
  };
}
