// What the console asks the gateway for, each with its place in the query cache. Changes live beside their screens.
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { journal } from "../live/journal";
import { belongs, statusesOf, type ListView, type SessionPage } from "../sessions/list/view";
import { api, take } from "./client";
import type { Session, SubjectKind } from "./types";

/** At first what is soon there, then as many as the gateway gives: who scrolls on wants to get somewhere. */
const FIRST_PAGE = 200;
const NEXT_PAGE = 500;

export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: () => take(api.GET("/api/v1/system")),
  staleTime: Infinity,
});

/** What the owner sets for the whole gateway. */
export const settingsQuery = queryOptions({
  queryKey: ["settings"],
  queryFn: () => take(api.GET("/api/v1/settings")),
});

/** What an operator looks for; most of it changes by itself. */
export const systemStateQuery = queryOptions({
  queryKey: ["system-state"],
  queryFn: () => take(api.GET("/api/v1/system/state")),
  refetchInterval: 30_000,
  staleTime: 0,
});

/** Where I am signed in. */
export const signInsQuery = queryOptions({
  queryKey: ["sign-ins"],
  queryFn: () => take(api.GET("/api/v1/me/sign-ins")),
  refetchInterval: 30_000,
  staleTime: 0,
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => take(api.GET("/api/v1/me")),
  staleTime: Infinity,
  retry: false,
});

export const techniciansQuery = queryOptions({
  queryKey: ["technicians"],
  queryFn: () => take(api.GET("/api/v1/technicians")),
});

/** Whom a session can be given to: active technicians. */
export const peopleQuery = queryOptions({
  ...techniciansQuery,
  select: (technicians) => technicians.filter((one) => one.state === "active"),
});

export const channelsQuery = queryOptions({
  queryKey: ["channels"],
  queryFn: () => take(api.GET("/api/v1/channels")),
});

export const callsQuery = (channelId: string) =>
  queryOptions({
    queryKey: ["calls", channelId],
    queryFn: () => take(api.GET("/api/v1/channels/{id}/calls", { params: { path: { id: channelId } } })),
  });

export const groupsQuery = queryOptions({
  queryKey: ["groups"],
  queryFn: () => take(api.GET("/api/v1/groups")),
});

/** About whom a channel says something. */
export const refinedQuery = (id: string) =>
  queryOptions({
    queryKey: ["refined", id],
    queryFn: () => take(api.GET("/api/v1/channels/{id}/permissions", { params: { path: { id } } })),
  });

export const channelPermissionsQuery = (id: string, kind: SubjectKind, subject_id: string) =>
  queryOptions({
    queryKey: ["permissions", id, kind, subject_id],
    queryFn: () => take(api.GET("/api/v1/channels/{id}/permissions/{kind}/{subject_id}", { params: { path: { id, kind, subject_id } } })),
  });

/** How many sessions a channel holds that I see, closed ones too. */
export const channelTotalQuery = (id: string) =>
  queryOptions({
    queryKey: ["channel-total", id],
    queryFn: async () => (await take(api.GET("/api/v1/sessions", { params: { query: { channel: id, limit: 1 } } }))).total,
    staleTime: 0,
  });

export const sessionsQuery = (view: ListView) =>
  infiniteQueryOptions({
    queryKey: ["sessions", view],
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, client }): Promise<SessionPage> => {
      const asked = journal.now();
      const query = {
        channel: view.channel,
        status: statusesOf(view.status).join(","),
        q: view.q || undefined,
        sort: view.sort,
        limit: pageParam === undefined ? FIRST_PAGE : NEXT_PAGE,
        cursor: pageParam,
      };
      const page = await take(api.GET("/api/v1/sessions", { params: { query } }));
      const me = client.getQueryData(meQuery.queryKey)?.id ?? "";
      return { ...page, items: page.items.flatMap((session) => newestHere(session, asked, view, me)) };
    },
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  });

/** The session, or what an event made of it meanwhile: that may have no place in this list any more. */
export function newestHere(session: Session, asked: number, view: ListView, me: string): Session[] {
  const newest = journal.newest(session, asked);
  return newest === session || belongs(newest, view, me) ? [newest] : [];
}

/** A few sessions of any channel that match, for the command palette. */
export const sessionSearchQuery = (q: string) =>
  queryOptions({
    queryKey: ["session-search", q],
    queryFn: () => take(api.GET("/api/v1/sessions", { params: { query: { q, limit: 8 } } })),
    staleTime: 5_000,
  });

export const sessionQuery = (id: string) =>
  queryOptions({
    queryKey: ["session", id],
    queryFn: async () => {
      const asked = journal.now();
      return journal.newest(await take(api.GET("/api/v1/sessions/{id}", { params: { path: { id } } })), asked);
    },
  });

export const linkQuery = (id: string) =>
  queryOptions({
    queryKey: ["link", id],
    queryFn: () => take(api.GET("/api/v1/sessions/{id}/link", { params: { path: { id } } })),
    staleTime: Infinity,
  });

export const pinQuery = (id: string) =>
  queryOptions({
    queryKey: ["pin", id],
    queryFn: () => take(api.GET("/api/v1/sessions/{id}/pin", { params: { path: { id } } })),
    staleTime: 0,
  });

export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: ["history", id],
    queryFn: () => take(api.GET("/api/v1/sessions/{id}/history", { params: { path: { id } } })),
  });

export const notesQuery = (id: string) =>
  queryOptions({
    queryKey: ["notes", id],
    queryFn: () => take(api.GET("/api/v1/sessions/{id}/notes", { params: { path: { id } } })),
  });

/** Other sessions of the same computer. */
export const earlierQuery = (id: string) =>
  queryOptions({
    queryKey: ["earlier", id],
    queryFn: () => take(api.GET("/api/v1/sessions/{id}/earlier", { params: { path: { id } } })),
  });

export interface ReportSearch {
  from: string;
  to: string;
  zone: string;
  channel?: string | undefined;
  technician?: string | undefined;
}

export const reportQuery = (query: ReportSearch) =>
  queryOptions({
    queryKey: ["report", query],
    queryFn: () => take(api.GET("/api/v1/reports", { params: { query } })),
    staleTime: 15_000,
  });
