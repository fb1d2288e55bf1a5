import { expect, test } from "vitest";

import { certificateWords } from "./certificate";

const NOW = Date.parse("2026-03-01T12:00:00Z");
const in_ = (days: number) => new Date(NOW + days * 86_400_000).toISOString();

test("a certificate that ends soon is told in time, and one that is over as that", () => {
  expect(certificateWords({ kind: "given", ends_at: in_(60) }, NOW)).toBe("good");
  expect(certificateWords({ kind: "given", ends_at: in_(13) }, NOW)).toBe("soon");
  expect(certificateWords({ kind: "own", ends_at: in_(13) }, NOW)).toBe("good");
  expect(certificateWords({ kind: "own", ends_at: in_(-1) }, NOW)).toBe("over");
  expect(certificateWords({ kind: "given", ends_at: null }, NOW)).toBe("good");
});
