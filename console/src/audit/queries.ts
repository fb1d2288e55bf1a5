// What the audit page asks the gateway for.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { api, take } from "../api/client";
import { asked, type AuditSearch } from "./search";

const PAGE = 100;

export const auditQuery = (search: AuditSearch) =>
  infiniteQueryOptions({
    queryKey: ["audit", search],
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) => take(api.GET("/api/v1/audit", { params: { query: { ...asked(search, new Date()), limit: PAGE, before: pageParam } } })),
    getNextPageParam: (page) => page.next_before ?? undefined,
    staleTime: 5_000,
  });

export const auditStatusQuery = queryOptions({
  queryKey: ["audit-status"],
  queryFn: () => take(api.GET("/api/v1/audit/status")),
  refetchInterval: 60_000,
});

export const checkAudit = () => take(api.GET("/api/v1/audit/check"));

/** A download of everything the filter lets through. */
export function exportPath(search: AuditSearch, format: "csv" | "json", lang: string): string {
  const query = Object.entries({ ...asked(search, new Date()), format, lang }).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return `/api/v1/audit/export?${new URLSearchParams(query).toString()}`;
}
