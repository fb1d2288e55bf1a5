// What the address of the reports page says. Pure.
import { isDay } from "./period";

export interface ReportsSearch {
  from?: string;
  to?: string;
  channel?: string;
  technician?: string;
}

/** An id may look like a number to whoever reads the address. */
const text = (value: unknown) => (typeof value === "string" || typeof value === "number" ? String(value) : "");

export function readReportSearch(search: Record<string, unknown>): ReportsSearch {
  const [from, to] = [text(search.from), text(search.to)];
  const period = isDay(from) && isDay(to) && from <= to;
  return {
    ...(period && { from, to }),
    ...(text(search.channel) && { channel: text(search.channel) }),
    ...(text(search.technician) && { technician: text(search.technician) }),
  };
}
