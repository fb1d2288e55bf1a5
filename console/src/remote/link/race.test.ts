// The race between the ways to the gateway, with openings that a test decides.

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Link, Opening, Path } from "./link";
import { GIVE_UP_MS, HEAD_START_MS, isTrusted, order, race } from "./race";

class Way implements Opening {
  aborted = false;
  closed = false;
  readonly ready: Promise<Link>;
  readonly path: Path;
  open!: () => void;
  fail!: () => void;

  constructor(path: Path) {
    this.path = path;
    this.ready = new Promise((resolve, reject) => {
      this.open = () => resolve({ path, close: () => (this.closed = true) } as unknown as Link);
      this.fail = () => reject(new Error("refused"));
    });
  }

  abort() {
    this.aborted = true;
  }
}

function begin(signal = new AbortController().signal) {
  const ways: Way[] = [];
  const open = (path: Path) => {
    const way = new Way(path);
    ways.push(way);
    return way;
  };
  return { ways, link: race(["webtransport", "websocket"], open, signal) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the race", () => {
  it("stays with WebTransport when that answers in time", async () => {
    const { ways, link } = begin();
    ways[0]!.open();
    expect((await link).path).toBe("webtransport");
    await vi.advanceTimersByTimeAsync(GIVE_UP_MS);
    expect(ways).toHaveLength(1);
  });

  it("opens WebSocket after the head start and takes it when it is first", async () => {
    const { ways, link } = begin();
    await vi.advanceTimersByTimeAsync(HEAD_START_MS - 1);
    expect(ways).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    ways[1]!.open();
    expect((await link).path).toBe("websocket");
    expect(ways[0]!.aborted).toBe(true);
  });

  it("keeps a slow WebTransport that is still first, and closes the other", async () => {
    const { ways, link } = begin();
    await vi.advanceTimersByTimeAsync(HEAD_START_MS);
    ways[0]!.open();
    expect((await link).path).toBe("webtransport");
    ways[1]!.open();
    await vi.advanceTimersByTimeAsync(1);
    expect(ways[1]!.closed).toBe(true);
  });

  it("does not wait when WebTransport fails at once", async () => {
    const { ways, link } = begin();
    ways[0]!.fail();
    await vi.advanceTimersByTimeAsync(0);
    ways[1]!.open();
    expect((await link).path).toBe("websocket");
  });

  it("says so when no way is open", async () => {
    const { ways, link } = begin();
    const outcome = expect(link).rejects.toThrow("no way");
    ways[0]!.fail();
    await vi.advanceTimersByTimeAsync(0);
    ways[1]!.fail();
    await outcome;
  });

  it("ends when nothing answers, and when it is given up", async () => {
    const silent = begin();
    const outcome = expect(silent.link).rejects.toThrow("does not answer");
    await vi.advanceTimersByTimeAsync(GIVE_UP_MS);
    await outcome;
    expect(silent.ways.every((way) => way.aborted)).toBe(true);
    const controller = new AbortController();
    const left = begin(controller.signal);
    const gone = expect(left.link).rejects.toThrow("given up");
    controller.abort();
    await gone;
  });
});

describe("the order of ways", () => {
  const chromium =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
  const safari = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.5 Safari/605.1.15";

  it("is what worked last, first", () => {
    const has = { webTransport: true, agent: chromium };
    expect(order(has, null)).toEqual(["webtransport", "websocket"]);
    expect(order(has, "websocket")).toEqual(["websocket", "webtransport"]);
    expect(order({ ...has, webTransport: false }, null)).toEqual(["websocket"]);
  });

  it("leaves WebTransport out where it would stall", () => {
    expect(isTrusted(chromium)).toBe(true);
    expect(isTrusted(safari)).toBe(false);
    expect(isTrusted("Mozilla/5.0 (X11; rv:152.0) Gecko/20100101 Firefox/152.0")).toBe(false);
    expect(isTrusted("Mozilla/5.0 (X11; rv:153.0) Gecko/20100101 Firefox/153.0")).toBe(true);
  });
});
