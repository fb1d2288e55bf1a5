// The query cache's manners: live events keep it fresh, so it rarely asks by itself.
import { notifyManager, QueryClient } from "@tanstack/react-query";

import { ApiError } from "../api/errors";

const TRIES = 2;

export function makeQueryClient() {
  // A live event is on screen with the next frame, not a timer later.
  notifyManager.setScheduler(queueMicrotask);
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 60_000,
        refetchOnWindowFocus: false,
        retry: (failures, error) => failures < TRIES && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
        retryDelay: (failures) => 400 * 2 ** failures,
      },
    },
  });
}
