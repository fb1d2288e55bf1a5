// Pings, back-off and figures.

import { describe, expect, it } from "vitest";

import type { Pending } from "../core/pending";
import { backoff } from "./backoff";
import { Ping } from "./ping";
import { Statistics } from "./statistics";

describe("back-off", () => {
  it("grows and stays bounded", () => {
    const waits = Array.from({ length: 12 }, (_, attempt) => backoff(attempt, 0.5));
    expect(waits[0]).toBe(300);
    expect([...waits].sort((a, b) => a - b)).toEqual(waits);
    expect(backoff(500, 1)).toBe(13_000);
    expect(backoff(0, 0)).toBeLessThan(backoff(0, 1));
  });
});

describe("pings", () => {
  it("are sent once a second while something happens, and measure the round trip", () => {
    const ping = new Ping();
    ping.reset(0);
    const { send } = ping.handleTick(500);
    expect(send).toBe(1);
    expect(ping.handleTick(1000).send).toBeNull();
    expect(ping.handlePong(1, 520)).toBe(20);
    expect(ping.handlePong(1, 530)).toBeNull();
    expect(ping.handlePong(99, 530)).toBeNull();
  });

  it("become few while nothing happens, and many again when something does or an answer is missing", () => {
    const ping = new Ping();
    ping.reset(0);
    const run = (from: number, to: number, answers: boolean) => {
      let count = 0;
      for (let now = from + 500; now <= to; now += 500) {
        const { send, isStalled } = ping.handleTick(now);
        if (send !== null) count++;
        if (send !== null && answers) ping.handlePong(send, now + 20);
        if (answers) expect(isStalled).toBe(false);
      }
      return count;
    };
    expect(run(0, 10_000, true)).toBe(10);
    expect(run(10_000, 55_000, true)).toBe(10);
    ping.handleActivity(55_000);
    expect(run(55_000, 65_000, true)).toBe(10);
    run(65_000, 80_000, true);
    expect(run(80_000, 90_000, false)).toBeGreaterThan(6);
    expect(ping.handleTick(90_500).isStalled).toBe(true);
  });

  it("are answered for, however long the way is", () => {
    const ping = new Ping();
    ping.reset(0);
    const pongs: [number, number][] = [];
    for (let now = 500; now <= 20_000; now += 500) {
      while (pongs[0] && pongs[0][1] <= now) expect(ping.handlePong(...pongs.shift()!)).not.toBeNull();
      const { send, isStalled } = ping.handleTick(now);
      if (send !== null) pongs.push([send, now + 2200]);
      expect(isStalled).toBe(false);
    }
  });

  it("tell a stall, and later a dead connection", () => {
    const ping = new Ping();
    ping.reset(0);
    const ticks = Array.from({ length: 26 }, (_, index) => ping.handleTick((index + 1) * 500));
    expect(ticks.findIndex((tick) => tick.isStalled)).toBe(6);
    expect(ticks.findIndex((tick) => tick.isDead)).toBe(24);
  });

  it("blame nobody after this page itself was asleep", () => {
    const ping = new Ping();
    ping.reset(0);
    expect(ping.handleTick(60_000)).toMatchObject({ isStalled: false, isDead: false });
  });
});

describe("figures", () => {
  const update = (input: number, at: number, qp = 24): Pending => ({
    kind: 1,
    sequence: 1,
    arrival: { at, spread: 1, bytes: 1000, age: 5 },
    stages: { waitUs: 1000, grabUs: 2000, convertUs: 3000, encodeUs: 4000 },
    qp,
    input,
    follows: [],
    touched: [],
    tiles: [],
    copies: [],
    parts: [],
    open: 0,
    fedAt: at + 1,
    decodedAt: at + 3,
  });

  it("say how long a key took to become a pixel, once per answer", () => {
    const statistics = new Statistics();
    statistics.handleInput(1, 100);
    statistics.handleInput(2, 110);
    statistics.handleDrawn(update(0, 115), 1, 120);
    expect(statistics.keyToPixel).toEqual([]);
    statistics.handleDrawn(update(2, 125), 1, 130);
    statistics.handleDrawn(update(2, 135), 1, 140);
    expect(statistics.keyToPixel).toEqual([20]);
  });

  it("are rates and means of the last two seconds", () => {
    const statistics = new Statistics();
    for (let index = 0; index < 10; index++) {
      statistics.handleBytes(1000, index * 100);
      statistics.handleDrawn(update(0, index * 100), 2, index * 100 + 6);
    }
    const summary = statistics.summary(1000);
    expect(summary.updatesPerSecond).toBe(5);
    expect(summary.kilobitsPerSecond).toBe(40);
    expect(summary.mean).toMatchObject({ wait: 1, decode: 2, draw: 2, receiveToDrawn: 6, qp: 24 });
    expect(statistics.summary(60_000)).toMatchObject({ updatesPerSecond: 0, kilobitsPerSecond: 0 });
    expect(statistics.drawnUpdates).toBe(10);
  });

  it("say how coarse pictures are, and nothing of it where none came", () => {
    const statistics = new Statistics();
    expect(statistics.summary(0).mean).toBeNull();
    statistics.handleDrawn(update(0, 100, 0), 1, 110);
    expect(statistics.summary(200).mean?.qp).toBeNull();
    for (const qp of [24, 28]) statistics.handleDrawn(update(0, 100, qp), 1, 110);
    expect(statistics.summary(200).mean?.qp).toBe(26);
  });
});
