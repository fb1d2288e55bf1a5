// Generates src/api/schema.d.ts from the OpenAPI description that the gateway prints. The result is checked in.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const printed = execFileSync("cargo", ["run", "-q", "-p", "mayday-gateway", "--", "openapi"], {
  cwd: root,
  maxBuffer: 64 * 1024 * 1024,
});

mkdirSync(`${root}/target`, { recursive: true });
writeFileSync(`${root}/target/openapi.json`, printed);
execFileSync("npx", ["openapi-typescript", `${root}/target/openapi.json`, "-o", "src/api/schema.d.ts"], {
  cwd: `${root}/console`,
  stdio: "inherit",
});
