// The period of a report as days of the reader's calendar. Pure.
export interface Period {
  /** First and last day, both included, `2026-11-22`. */
  from: string;
  to: string;
}

export const SPANS = ["today", "week", "month", "quarter", "year"] as const;
export type SpanName = (typeof SPANS)[number];

const DAYS: Record<SpanName, number> = { today: 1, week: 7, month: 30, quarter: 90, year: 365 };

/** The last so many days, today included. */
export function lastDays(span: SpanName, now: Date): Period {
  const first = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (DAYS[span] - 1));
  return { from: day(first), to: day(now) };
}

/** The day of a moment in the reader's own time zone. */
export function day(at: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** Which of the usual spans this is, if any. */
export function spanOf(period: Period, now: Date): SpanName | null {
  return SPANS.find((span) => {
    const usual = lastDays(span, now);
    return usual.from === period.from && usual.to === period.to;
  }) ?? null;
}

export function isPeriod(period: Period): boolean {
  return isDay(period.from) && isDay(period.to) && period.from <= period.to;
}

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** `22 Nov` in the reader's language; the day is a day, whatever the zone. */
export function shortDay(text: string, language: string): string {
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(`${text}T00:00:00Z`));
}
