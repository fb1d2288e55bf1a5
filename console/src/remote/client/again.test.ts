import { describe, expect, it } from "vitest";

import { Again } from "./again";

function after(...roundTrips: number[]): Again {
  const again = new Again();
  for (const ms of roundTrips) {
    again.handleRoundTrip(ms);
    again.handleSent();
  }
  return again;
}

describe("input that goes once more", () => {
  it("does so on a long way, and not on a short one", () => {
    const again = new Again();
    expect(again.handleSent()).toBe(false);
    again.handleRoundTrip(3);
    expect(again.handleSent()).toBe(false);
    const far = new Again();
    far.handleRoundTrip(50);
    expect(far.handleSent()).toBe(true);
  });

  it("does not while the delay grows: something is full", () => {
    const again = after(50);
    again.handleRoundTrip(300);
    expect(again.handleSent()).toBe(false);
  });

  it("does again on a way that became longer for good", () => {
    const again = after(50, ...Array.from({ length: 100 }, () => 150));
    expect(again.handleSent()).toBe(true);
  });

  it("forgets the way with the connection", () => {
    const again = after(50);
    again.reset();
    expect(again.handleSent()).toBe(false);
    again.handleRoundTrip(300);
    again.reset();
    again.handleRoundTrip(300);
    expect(again.handleSent()).toBe(true);
  });
});
