/** Builds the customer widget by its own configuration: one small file without the app's libraries. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = fileURLToPath(new URL("../webchat", import.meta.url));
if (existsSync(`${root}/vite.config.ts`)) await build({ root, configFile: `${root}/vite.config.ts` });
