// What a session list shows and in which order. Mirrors the gateway's filter, so that a live event finds its place without a reload.
import type { InfiniteData } from "@tanstack/react-query";

import type { Session, Status } from "../../api/types";

export const HOME = "home";
export const STATUS_FILTERS = ["open", "waiting", "active", "in_queue", "expired", "closed"] as const;
export const SORTS = ["created", "waiting", "expires", "name", "status"] as const;

export type StatusFilter = (typeof STATUS_FILTERS)[number];
/** Each has one direction, the useful one: newest, longest waiting, soonest to expire, A to Z, most urgent first. */
export type Sort = (typeof SORTS)[number];

export interface ListView {
  channel: string;
  status: StatusFilter;
  q: string;
  sort: Sort;
}

export interface SessionPage {
  items: Session[];
  next_cursor?: string | null;
  total: number;
}

type Pages = InfiniteData<SessionPage, unknown>;

const STATUS_ORDER: Status[] = ["in_queue", "active", "waiting", "expired", "closed"];

export function statusesOf(filter: StatusFilter): Status[] {
  return filter === "open" ? ["waiting", "active", "in_queue"] : [filter];
}

export function belongs(session: Session, view: ListView, me: string): boolean {
  const here = view.channel === HOME ? session.technicians.some((one) => one.id === me) : session.channel.id === view.channel;
  return here && statusesOf(view.status).includes(session.status) && matches(session, view.q);
}

/** The same places as in the gateway (`searched` in desk/index.rs): else a found session would leave the list with its next event. */
function matches(session: Session, q: string): boolean {
  const wanted = q.trim().toLowerCase();
  if (!wanted) return true;
  const { device, request } = session;
  const places = [
    session.name,
    session.note,
    ...session.technicians.map((one) => one.name),
    ...(device ? [device.host_name, device.user_name, device.public_address, ...device.local_addresses] : []),
    ...(request ? request.answers.map((answer) => answer.value) : []),
  ];
  return places.some((place) => place?.toLowerCase().includes(wanted));
}

export function compare(a: Session, b: Session, sort: Sort): number {
  return order(a, b, sort) || moment(a.created_at) - moment(b.created_at) || a.id.localeCompare(b.id);
}

function order(a: Session, b: Session, sort: Sort): number {
  switch (sort) {
    case "created":
      return moment(b.created_at) - moment(a.created_at);
    case "waiting":
      return nullLast(a.waiting_since, b.waiting_since);
    case "expires":
      return moment(a.expires_at) - moment(b.expires_at);
    case "name":
      return a.name.toLowerCase().localeCompare(b.name.toLowerCase());
    case "status":
      return STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status);
  }
}

function nullLast(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return moment(a) - moment(b);
}

const moment = (text: string) => Date.parse(text);

export function flatten(pages: Pages | undefined): Session[] {
  const seen = new Set<string>();
  return (pages?.pages ?? []).flatMap((page) => page.items).filter((one) => !seen.has(one.id) && seen.add(one.id));
}

/** Puts a changed session where it belongs in a loaded list; the same object if nothing changes. */
export function withSession(pages: Pages, session: Session, view: ListView, me: string): Pages {
  const before = flatten(pages);
  const present = before.some((one) => one.id === session.id);
  const wanted = belongs(session, view, me);
  if (!present && !wanted) return pages;
  if (!wanted) return withoutSession(pages, session.id);
  const others = before.filter((one) => one.id !== session.id);
  const at = placeOf(session, others, view.sort);
  const items = [...others.slice(0, at), session, ...others.slice(at)];
  // What sorts behind the last loaded row comes with the next page.
  const beyond = !present && pages.pages.at(-1)?.next_cursor != null && items.at(-1)?.id === session.id;
  return repaged(pages, beyond ? others : items, present ? 0 : 1);
}

/** Where it goes among the others, which are in order: a list of ten thousand is not sorted anew at every event. */
function placeOf(session: Session, others: Session[], sort: Sort): number {
  let [from, to] = [0, others.length];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    const other = others[middle];
    if (other && compare(other, session, sort) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

export function withoutSession(pages: Pages, id: string): Pages {
  const before = flatten(pages);
  const items = before.filter((one) => one.id !== id);
  return items.length === before.length ? pages : repaged(pages, items, -1);
}

// All rows go to the first page: rows move across page borders when they sort anew.
function repaged(pages: Pages, items: Session[], change: number): Pages {
  return {
    ...pages,
    pages: pages.pages.map((page, index) => ({
      ...page,
      items: index === 0 ? items : [],
      total: Math.max(0, page.total + change),
    })),
  };
}
