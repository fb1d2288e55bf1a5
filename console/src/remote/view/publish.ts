// Figures for end-to-end tests and curious technicians, under `window.__mayday_remote`. Read-only: nothing here changes anything.
import type { RemoteClient } from "../client/client";
import type { Situation } from "./situation";

export interface RemoteFigures {
  readonly situation: Situation;
  readonly path: string | null;
  readonly drawPath: string | null;
  readonly drawnUpdates: number;
  readonly firstDrawnAtMs: number | null;
  readonly lastInputToPixelMs: number | null;
  readonly inputToPixelMs: number[];
  readonly receiveToDrawnMs: number[];
}

declare global {
  interface Window {
    __mayday_remote?: RemoteFigures;
  }
}

/** Returns what takes it away again. */
export function publishStatistics(client: RemoteClient, situation: Situation): () => void {
  const { statistics } = client;
  const figures: RemoteFigures = {
    situation,
    get path() {
      return client.snapshot().path;
    },
    get drawPath() {
      return client.drawPath;
    },
    get firstDrawnAtMs() {
      return statistics.firstDrawnAt;
    },
    get drawnUpdates() {
      return statistics.drawnUpdates;
    },
    get lastInputToPixelMs() {
      return statistics.keyToPixel.at(-1) ?? null;
    },
    get inputToPixelMs() {
      return [...statistics.keyToPixel];
    },
    get receiveToDrawnMs() {
      return statistics.receiveToDrawn;
    },
  };
  window.__mayday_remote = Object.freeze(figures);
  return () => delete window.__mayday_remote;
}
