// Generates src/api/schema.d.ts from the OpenAPI description that the gateway prints. The result is checked in.
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const printed = execFileSync("cargo", ["run", "-q", "-p", "mayday-gateway", "--", "openapi"], {
  cwd: root,
  maxBuffer: 64 * 1024 * 1024,
});
const description = JSON.parse(printed);
// The console calls by path and method; operations need no names here.
for (const path of Object.values(description.paths)) for (const operation of Object.values(path)) delete operation.operationId;

mkdirSync(`${root}/target`, { recursive: true });
writeFileSync(`${root}/target/openapi.json`, JSON.stringify(description));
execFileSync("npx", ["openapi-typescript", `${root}/target/openapi.json`, "-o", "src/api/schema.d.ts"], {
  cwd: `${root}/console`,
  stdio: "inherit",
});
