// What the console is built and tested with: what is shipped is permissive, and a tool that is not is named here with a reason
// (docs/licences.md).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

interface Installed {
  license?: string;
  dev?: boolean;
}

const lock = JSON.parse(readFileSync(join(import.meta.dirname, "../package-lock.json"), "utf8")) as { packages: Record<string, Installed> };
const packages = Object.entries(lock.packages).filter(([path]) => path !== "");

const PERMISSIVE = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Unlicense", "(MIT OR CC0-1.0)", "BlueOak-1.0.0", "Python-2.0"];
/** Fonts: shipped as files of their own, with their licence. */
const FONTS = /^node_modules\/@fontsource-variable\//;
/** Never shipped: they look at the code or the page and leave nothing of theirs in it. */
const TOOLS = [/^node_modules\/axe-core$/, /^node_modules\/lightningcss(-|$)/, /^node_modules\/caniuse-lite$/];

const ours = ([path, { license }]: [string, Installed]) => PERMISSIVE.includes(license ?? "") || (FONTS.test(path) && license === "OFL-1.1");

it("everything that is shipped is permissive", () => {
  const shipped = packages.filter(([, one]) => !one.dev);
  expect(shipped.length).toBeGreaterThan(20);
  expect(shipped.filter((one) => !ours(one)).map(([path]) => path)).toEqual([]);
});

it("a tool that is not is one of those that docs/licences.md allows", () => {
  const others = packages.filter((one) => !ours(one)).map(([path]) => path);
  expect(others.filter((path) => !TOOLS.some((tool) => tool.test(path)))).toEqual([]);
});
