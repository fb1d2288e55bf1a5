import { expect, test } from "vitest";

import { browserWords } from "./browser";

const read = (userAgent: string) => {
  const { name, system, phone } = browserWords(userAgent);
  return `${name} / ${system}${phone ? " / phone" : ""}`;
};

test("browsers and systems are told apart although they use each other's names", () => {
  const chrome = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0";
  expect(read(`Mozilla/5.0 (X11; Linux x86_64) ${chrome} Safari/537.36`)).toBe("Chrome 143 / Linux");
  expect(read(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/143.0.0.0`)).toBe("Edge 143 / Windows");
  expect(read(`Mozilla/5.0 (Linux; Android 10; K) ${chrome} Mobile Safari/537.36`)).toBe("Chrome 143 / Android / phone");
  expect(read("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0")).toBe("Firefox 153 / Linux");
  expect(read("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1")).toBe("Safari 18 / iPhone / phone");
  expect(read("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15")).toBe("Safari 18 / macOS");
});

test("programs are called as they call themselves, and what says nothing has no name", () => {
  expect(read("curl/8.5.0")).toBe("curl / ");
  expect(read("")).toBe(" / ");
});
