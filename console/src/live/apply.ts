// Puts a live event of the gateway into the query cache at once: what is on screen changes without asking again.
import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import { callsQuery, channelsQuery, historyQuery, meQuery, pinQuery, sessionQuery, techniciansQuery } from "../api/queries";
import type { Channel, Session, Technician } from "../api/types";
import { withoutSession, withSession, type ListView, type SessionPage } from "../sessions/list/view";
import { journal } from "./journal";

type Pages = InfiniteData<SessionPage, unknown>;

export function applySession(client: QueryClient, session: Session) {
  journal.record(session);
  const me = client.getQueryData(meQuery.queryKey)?.id ?? "";
  client.setQueryData(sessionQuery(session.id).queryKey, session);
  eachList(client, (pages, view) => withSession(pages, session, view, me));
  void client.invalidateQueries({ queryKey: historyQuery(session.id).queryKey });
}

/** What the gateway answered to something that was asked at `asked`, unless an event has brought something newer meanwhile. */
export function applyAnswer(client: QueryClient, session: Session, asked: number) {
  if (journal.newest(session, asked) === session) applySession(client, session);
}

export function applySessionGone(client: QueryClient, id: string) {
  journal.forget(id);
  eachList(client, (pages) => withoutSession(pages, id));
  void client.invalidateQueries({ queryKey: sessionQuery(id).queryKey });
  client.removeQueries({ queryKey: pinQuery(id).queryKey });
}

export function applyChannel(client: QueryClient, channel: Channel) {
  client.setQueryData(channelsQuery.queryKey, (old) => old && withItem(old, channel));
  void client.invalidateQueries({ queryKey: callsQuery(channel.id).queryKey });
}

export function applyChannelGone(client: QueryClient, id: string) {
  client.setQueryData(channelsQuery.queryKey, (old) => old?.filter((one) => one.id !== id));
}

export function applyTechnician(client: QueryClient, technician: Technician) {
  client.setQueryData(techniciansQuery.queryKey, (old) => old && withItem(old, technician));
}

function withItem<T extends { id: string }>(items: T[], item: T): T[] {
  return items.some((one) => one.id === item.id)
    ? items.map((one) => (one.id === item.id ? item : one))
    : [...items, item];
}

function eachList(client: QueryClient, change: (pages: Pages, view: ListView) => Pages) {
  for (const [key, pages] of client.getQueriesData<Pages>({ queryKey: ["sessions"] })) {
    if (!pages) continue;
    const changed = change(pages, key[1] as ListView);
    if (changed !== pages) client.setQueryData(key, changed);
  }
}
