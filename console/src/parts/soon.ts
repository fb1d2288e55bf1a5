// For tests: waits until something holds. How long that takes is the machine's business, so the limit is far beyond what any machine needs.
import { vi } from "vitest";

export const SOON_MS = 20_000;

export function soon(holds: () => void): Promise<void> {
  return vi.waitFor(holds, { timeout: SOON_MS });
}
