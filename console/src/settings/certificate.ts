// How a certificate stands: whoever renews it wants to hear in time. Pure.
import type { SystemState } from "../api/types";

export type CertificateWords = "good" | "soon" | "over";

/** The gateway makes its own anew at a start when less than 60 days are left; other people's are renewed in the last 30. */
const SOON_MS = { own: 7 * 86_400_000, given: 14 * 86_400_000 };

export function certificateWords({ kind, ends_at }: SystemState["certificate"], now: number): CertificateWords {
  if (!ends_at) return "good";
  const left = Date.parse(ends_at) - now;
  if (left <= 0) return "over";
  return left < SOON_MS[kind] ? "soon" : "good";
}
