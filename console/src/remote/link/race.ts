// Which way to the gateway: WebTransport first, WebSocket when that does not answer, whichever is there first. Remembers what worked.

import type { Link, LinkEvents, Offer, Opening, Path } from "./link";
import { openWebSocket } from "./websocket";
import { openWebTransport } from "./webtransport";

/** The second way starts after this, or as soon as the first has failed. */
export const HEAD_START_MS = 1500;
/** Neither way answered. */
export const GIVE_UP_MS = 10_000;
/** After this a network is tried with WebTransport again. */
const REMEMBER_MS = 60 * 60 * 1000;
const MEMORY = "mayday.remote.path";

export type Open = (path: Path) => Opening;

/** Opens the ways in `order` and keeps the first that is there; the others are given up. */
export function race(order: Path[], open: Open, signal: AbortSignal): Promise<Link> {
  return new Promise((resolve, reject) => {
    const openings: Opening[] = [];
    const timers: ReturnType<typeof setTimeout>[] = [];
    let isOver = false;
    let failures = 0;
    const finish = (winner: Opening | null) => {
      isOver = true;
      timers.forEach(clearTimeout);
      for (const opening of openings) if (opening !== winner) opening.abort();
    };
    const fail = (reason: string) => {
      if (isOver) return;
      finish(null);
      reject(new Error(reason));
    };
    const start = (index: number) => {
      const path = order[index];
      if (!path || isOver || openings.length > index) return;
      const opening = open(path);
      openings.push(opening);
      opening.ready.then(
        (link) => {
          if (isOver) {
            link.close();
            return;
          }
          finish(opening);
          resolve(link);
        },
        () => {
          failures++;
          start(index + 1);
          if (failures === order.length) fail("no way to the gateway is open");
        },
      );
    };
    timers.push(setTimeout(() => start(1), HEAD_START_MS));
    timers.push(setTimeout(() => fail("the gateway does not answer"), GIVE_UP_MS));
    signal.addEventListener("abort", () => fail("given up"), { once: true });
    start(0);
  });
}

/** The ways this browser has, best first. */
export function order(has: { webTransport: boolean; agent: string }, remembered: Path | null): Path[] {
  if (!has.webTransport || !isTrusted(has.agent)) return ["websocket"];
  return remembered === "websocket" ? ["websocket", "webtransport"] : ["webtransport", "websocket"];
}

/**
 * Safari stops taking streams after some thousand, and Firefox before 153 takes two at a time: both would stall.
 * (facts of 2026; when that changes, so does this.)
 */
export function isTrusted(agent: string): boolean {
  const firefox = /Firefox\/(\d+)/.exec(agent);
  if (firefox) return Number(firefox[1]) >= 153;
  return /Chrome\/|Chromium\//.test(agent);
}

function recall(now: number): Path | null {
  const [path, at] = (localStorage.getItem(MEMORY) ?? "").split(" ");
  const isFresh = now - Number(at) < REMEMBER_MS;
  return isFresh && (path === "websocket" || path === "webtransport") ? path : null;
}

/** Connects, trying first what worked here last time. */
export async function connect(offer: Offer, events: LinkEvents, signal: AbortSignal): Promise<Link> {
  const has = { webTransport: "WebTransport" in globalThis, agent: navigator.userAgent };
  let chosen: Path | null = null;
  const open: Open = (path) => {
    const heard = onlyIf(() => chosen === path, events);
    return path === "webtransport" ? openWebTransport(offer, heard) : openWebSocket(offer, heard);
  };
  const link = await race(order(has, recall(Date.now())), open, signal);
  chosen = link.path;
  localStorage.setItem(MEMORY, `${link.path} ${Date.now()}`);
  return link;
}

/** What the way that lost the race still tells is nobody's business. */
function onlyIf(isChosen: () => boolean, events: LinkEvents): LinkEvents {
  return {
    control: (bytes) => isChosen() && events.control(bytes),
    packet: (packet, timing) => isChosen() && events.packet(packet, timing),
    arriving: (header, now) => isChosen() && events.arriving(header, now),
    abandoned: (header) => isChosen() && events.abandoned(header),
    closed: (reason) => isChosen() && events.closed(reason),
  };
}
