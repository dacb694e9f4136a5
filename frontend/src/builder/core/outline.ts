/** A flow read in order: from the trigger along its exits, then what nothing leads to. */
import type { Definition } from "../../api/types";
import { exitsOf, keysOf, stateOf, type Catalogue } from "./model";

export type OutlineRow = { key: string; depth: number; reachable: boolean };

export function outlineOf(definition: Definition, catalogue: Catalogue): OutlineRow[] {
  const rows: OutlineRow[] = [];
  const seen = new Set<string>();
  const visit = (start: string, reachable: boolean) => {
    const stack = [{ key: start, depth: 0 }];
    while (stack.length > 0) {
      const { key, depth } = stack.pop() as { key: string; depth: number };
      const state = stateOf(definition, key);
      if (!state || seen.has(key)) continue;
      seen.add(key);
      rows.push({ key, depth, reachable });
      const targets = exitsOf(state, catalogue)
        .map((exit) => exit.next)
        .filter((next) => next !== null && !seen.has(next)) as string[];
      // A single way on reads as a list, a fork as a tree.
      const deeper = new Set(targets).size > 1 ? depth + 1 : depth;
      for (const key of [...targets].reverse()) stack.push({ key, depth: deeper });
    }
  };
  visit(definition.initial_state, true);
  for (const key of keysOf(definition)) if (!seen.has(key)) visit(key, false);
  return rows;
}
