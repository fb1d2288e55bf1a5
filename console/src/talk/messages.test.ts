import { describe, expect, it } from "vitest";

import type { ChatMessage } from "../api/types";
import { merged } from "./messages";

const message = (number: number): ChatMessage => ({ number, author: null, client_id: String(number), at: "2026-11-22T00:00:00Z", text: `message ${number}` });

describe("messages", () => {
  it("are shown once and in order, however often and late they come", () => {
    const together = merged([message(3), message(1)], [message(3), message(2)]);
    expect(together.map((one) => one.number)).toEqual([1, 2, 3]);
  });
});
