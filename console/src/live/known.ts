// Finds a session in whatever the console has already loaded.
import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import { sessionQuery } from "../api/queries";
import type { Session } from "../api/types";
import type { SessionPage } from "../sessions/list/view";

export function knownSession(client: QueryClient, id: string): Session | undefined {
  const single = client.getQueryData(sessionQuery(id).queryKey);
  if (single) return single;
  for (const [, pages] of client.getQueriesData<InfiniteData<SessionPage>>({ queryKey: ["sessions"] })) {
    const found = pages?.pages.flatMap((page) => page.items).find((one) => one.id === id);
    if (found) return found;
  }
  return undefined;
}
