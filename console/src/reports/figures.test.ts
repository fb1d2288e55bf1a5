import { describe, expect, it } from "vitest";

import { average, duration } from "./figures";

describe("figures", () => {
  it("show the two largest units", () => {
    expect(duration(45, "en-GB")).toBe("45s");
    expect(duration(185, "en-GB")).toBe("3m 5s");
    expect(duration(120, "en-GB")).toBe("2m");
    expect(duration(7800, "en-GB")).toBe("2h 10m");
  });

  it("are a dash where there is nothing", () => {
    expect(duration(null, "en")).toBe("–");
    expect(average(null, "en")).toBe("–");
    expect(average(4.25, "de")).toBe("4,3");
  });
});
