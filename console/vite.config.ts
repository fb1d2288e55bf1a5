// Builds the console into dist/, which the gateway embeds. All assets stay local: the gateway's policy allows no other origin.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: { target: "es2023", assetsInlineLimit: 0, chunkSizeWarningLimit: 1200, modulePreload: { polyfill: false } },
  worker: { format: "es" },
  server: { proxy: { "/api": { target: process.env.MAYDAY_GATEWAY ?? "http://127.0.0.1:8080", ws: true } } },
  // A slow machine is no failure: no test takes a tenth of this on a usual one.
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}"], testTimeout: 60_000, hookTimeout: 60_000 },
});
