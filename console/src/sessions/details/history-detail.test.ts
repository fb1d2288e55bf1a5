import { describe, expect, it } from "vitest";

import { historyDetail } from "./history-detail";

describe("the detail of a happening", () => {
  it("keeps names and finds what was granted", () => {
    expect(historyDetail("Ines Hartmann control")).toEqual({ words: "Ines Hartmann", rights: "control", until: null, stars: null });
    expect(historyDetail("view")).toEqual({ words: "", rights: "view", until: null, stars: null });
  });

  it("reads moments and leaves out counters", () => {
    expect(historyDetail("until:1000000000000").until).toBe("2001-09-09T01:46:40.000Z");
    expect(historyDetail("Ines Hartmann in_a_row:2").words).toBe("Ines Hartmann");
    expect(historyDetail("stars:4").stars).toBe(4);
    expect(historyDetail("until:soon")).toEqual({ words: "until:soon", rights: null, until: null, stars: null });
  });
});
