/** Builds the customer widget: one classic script without imports, `static/webchat/webchat.js`. */

import { gzipSync } from "node:zlib";

import { defineConfig, type Plugin } from "vite";

const GZIP_LIMIT_BYTES = 25_000;

/** Fails the build when a page would have to load more than we promise. */
function sizeLimit(): Plugin {
  return {
    name: "size-limit",
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle)) {
        const size = gzipSync(chunk.type === "chunk" ? chunk.code : chunk.source).length;
        if (size > GZIP_LIMIT_BYTES) this.error(`${chunk.fileName} is ${size} bytes gzipped, over ${GZIP_LIMIT_BYTES}`);
      }
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  publicDir: false,
  plugins: [sizeLimit()],
  build: {
    outDir: "../../static/webchat",
    emptyOutDir: true,
    target: "es2022",
    lib: { entry: "src/main.ts", formats: ["iife"], name: "FlowdeskWebChatScript", fileName: () => "webchat.js" },
  },
});
