// Figures in the reader's notation. A dash where there is nothing to count.
const MINUTE = 60;
const HOUR = 3600;

/** `45 s`, `3 min 5 s`, `2 h 10 min`: the two largest units. */
export function duration(seconds: number | null, language: string): string {
  if (seconds === null) return "–";
  const whole = Math.round(seconds);
  const unit = (value: number, name: "hour" | "minute" | "second") => new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "narrow" }).format(value);
  if (whole < MINUTE) return unit(whole, "second");
  if (whole < HOUR) return [unit(Math.floor(whole / MINUTE), "minute"), whole % MINUTE > 0 && unit(whole % MINUTE, "second")].filter(Boolean).join(" ");
  const minutes = Math.round((whole % HOUR) / MINUTE);
  return [unit(Math.floor(whole / HOUR), "hour"), minutes > 0 && minutes < 60 && unit(minutes, "minute")].filter(Boolean).join(" ");
}

export function average(value: number | null, language: string): string {
  return value === null ? "–" : new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);
}
