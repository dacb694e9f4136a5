import { existsSync } from "node:fs";
import { resolve } from "node:path";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const backend = process.env.FLOWDESK_DEV_BACKEND ?? "http://127.0.0.1:8000";

const entries: Record<string, string> = { app: "src/main.tsx", demo: "src/demo/main.tsx" };

export default defineConfig({
  base: "/static/app/",
  plugins: [react()],
  build: {
    outDir: "../static/app",
    emptyOutDir: true,
    manifest: true,
    sourcemap: false,
    // Our own template links every preload the manifest names.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      input: Object.fromEntries(
        Object.entries(entries).filter(([, path]) => existsSync(resolve(import.meta.dirname, path))),
      ),
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/app/v1": backend,
      "/demo/api": backend,
      "/webchat": backend,
      "/ws": { target: backend.replace(/^http/, "ws"), ws: true },
    },
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "webchat/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test-setup.ts"],
    restoreMocks: true,
    // Loading every module anew for each file takes longer than all tests.
    isolate: false,
    // By itself it leaves one of two cores idle.
    maxWorkers: 2,
    // A busy machine is no fault of a test's.
    testTimeout: 20_000,
  },
});
