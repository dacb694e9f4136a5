/**
 * Real definitions beside the repository, other people's texts that are not copied into it.
 * Where they are missing, tests that need them are skipped; with CI=true they fail instead.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { Definition } from "../api/types";
import { asDefinition } from "../builder/core/model";

const FOLDER = resolve(import.meta.dirname, "../../../../shared/flows");

export const haveSharedFlows = existsSync(FOLDER) || process.env.CI === "true";

export type SharedFlow = { name: string; definition: Definition };

/** Every file there that is a definition of today's format. */
export function sharedFlows(): SharedFlow[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      try {
        const definition = asDefinition(JSON.parse(readFileSync(resolve(FOLDER, name), "utf8")));
        return definition ? [{ name, definition }] : [];
      } catch {
        // Some of the files are templates of JSON, not JSON.
        return [];
      }
    });
}
