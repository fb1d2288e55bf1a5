// Moments and durations as people read them, in the language of the console.
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The reader's own variant of the console's language: British dates for a British browser. */
export function regional(language: string, preferred: readonly string[] = globalThis.navigator?.languages ?? []): string {
  return preferred.find((tag) => tag.toLowerCase().startsWith(`${language}-`)) ?? language;
}

/** `0:07`, `12:40`, `1:02:03`, beyond a day `2 d 3 h`. Never negative. */
export function stopwatch(ms: number): string {
  const left = Math.max(0, ms);
  if (left >= DAY) return `${Math.floor(left / DAY)} d ${Math.floor((left % DAY) / HOUR)} h`;
  const hours = Math.floor(left / HOUR);
  const minutes = Math.floor((left % HOUR) / MINUTE);
  const seconds = String(Math.floor((left % MINUTE) / SECOND)).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** `in 27 min`, `3 hr. ago`: the largest unit that fits. */
export function relative(to: number, now: number, language: string): string {
  const ahead = to - now;
  const format = new Intl.RelativeTimeFormat(regional(language), { style: "short", numeric: "always" });
  const size = Math.abs(ahead);
  if (size < MINUTE) return format.format(Math.round(ahead / SECOND), "second");
  if (size < HOUR) return format.format(Math.round(ahead / MINUTE), "minute");
  if (size < DAY) return format.format(Math.round(ahead / HOUR), "hour");
  return format.format(Math.round(ahead / DAY), "day");
}

/** `27 min`, `24 hr`: a duration in its largest unit. Never negative. */
export function roughly(ms: number, language: string): string {
  const left = Math.max(0, ms);
  const [value, unit] = left < MINUTE ? [left / SECOND, "second"] : left < HOUR ? [left / MINUTE, "minute"] : left < DAY + HOUR ? [left / HOUR, "hour"] : [left / DAY, "day"];
  return new Intl.NumberFormat(regional(language), { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 }).format(value);
}

/** `14:05` today, else with the date. */
export function moment(text: string, language: string, now = Date.now()): string {
  const at = new Date(text);
  const today = new Date(now).toDateString() === at.toDateString();
  const time = { hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat(regional(language), today ? time : { day: "numeric", month: "short", ...time }).format(at);
}

/** `28 Feb 2027`. */
export function day(text: string, language: string): string {
  return new Intl.DateTimeFormat(regional(language), { dateStyle: "medium" }).format(new Date(text));
}

/** `14.2 MB`, in units of 1000. */
export function bytes(count: number, language: string): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;
  const step = Math.min(Math.max(Math.floor(Math.log10(Math.max(count, 1)) / 3), 0), units.length - 1);
  const format = { style: "unit", unit: units[step], unitDisplay: "short", maximumFractionDigits: step > 1 ? 1 : 0 } as const;
  return new Intl.NumberFormat(regional(language), format).format(count / 1000 ** step);
}

export function fullMoment(text: string, language: string): string {
  return new Intl.DateTimeFormat(regional(language), { dateStyle: "full", timeStyle: "medium" }).format(new Date(text));
}

/** The choices of such a setting, and what is chosen although it is none of them. */
export function spanChoices(choices: readonly number[], chosen: number, language: string): { value: string; label: string }[] {
  return [...new Set([...choices, chosen])].sort((a, b) => a - b).map((seconds) => ({ value: String(seconds), label: span(seconds, language) }));
}

/** A setting such as a channel's expiration: `30 minutes`, `1 day`. */
export function span(seconds: number, language: string): string {
  const [value, unit] =
    seconds % 86_400 === 0 ? [seconds / 86_400, "day"] : seconds % 3600 === 0 ? [seconds / 3600, "hour"] : [Math.round(seconds / 60), "minute"];
  return new Intl.NumberFormat(regional(language), { style: "unit", unit, unitDisplay: "long" }).format(value);
}
