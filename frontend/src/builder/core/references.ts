/**
 * Where a widget or a variable is used in the texts of a flow, and renaming it there.
 *
 * A template reads `widgets.NAME.x`, `widgets["NAME"]` or `flow.variables.NAME`.
 */
import { produce } from "immer";

import type { Definition, Json } from "../../api/types";
import { keysOf } from "./model";

export type Reference = { kind: "widget" | "variable"; name: string };
export type Usage = { key: string; path: (string | number)[]; text: string };

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** Matches one use of the reference; group 1 is what stands before the name, group 2 what closes it. */
function patternOf({ kind, name }: Reference): RegExp {
  const base = kind === "widget" ? "widgets" : "flow\\s*\\.\\s*variables";
  const dotted = `(\\b${base}\\s*\\.\\s*)${escaped(name)}(?![\\p{L}\\p{N}_-])`;
  const bracketed = `(\\b${base}\\s*\\[\\s*["'])${escaped(name)}(["']\\s*\\])`;
  return new RegExp(`${dotted}|${bracketed}`, "gu");
}

type Visit = (text: string, path: (string | number)[]) => void;

function walkTexts(value: Json | undefined, path: (string | number)[], visit: Visit): void {
  if (typeof value === "string") visit(value, path);
  else if (Array.isArray(value)) value.forEach((entry, index) => walkTexts(entry, [...path, index], visit));
  else if (value && typeof value === "object") {
    for (const [key, entry] of Object.entries(value)) walkTexts(entry, [...path, key], visit);
  }
}

/** Every text of a flow with the widget it belongs to. */
export function textsOf(definition: Definition): Usage[] {
  const found: Usage[] = [];
  const keys = keysOf(definition);
  definition.states.forEach((state, index) => {
    const key = keys[index] as string;
    walkTexts(state.properties, ["properties"], (text, path) => found.push({ key, path, text }));
    state.transitions.forEach((transition, position) =>
      walkTexts(transition.conditions, ["transitions", position, "conditions"], (text, path) =>
        found.push({ key, path, text }),
      ),
    );
  });
  return found;
}

export function usagesOf(definition: Definition, reference: Reference): Usage[] {
  const pattern = patternOf(reference);
  return textsOf(definition).filter(({ text }) => text.includes(reference.name) && text.search(pattern) >= 0);
}

function renameIn(text: string, reference: Reference, to: string): string {
  return text.replace(
    patternOf(reference),
    (_whole, dotted: string | undefined, opening: string | undefined, closing: string | undefined) =>
      dotted === undefined ? `${opening}${to}${closing}` : `${dotted}${to}`,
  );
}

/** The definition with every use of the reference in its texts renamed. */
export function renameReferences(definition: Definition, reference: Reference, to: string): Definition {
  const usages = usagesOf(definition, reference);
  if (usages.length === 0) return definition;
  const indexes = new Map(keysOf(definition).map((key, index) => [key, index]));
  return produce(definition, (draft) => {
    for (const { key, path, text } of usages) {
      let place = draft.states[indexes.get(key) as number] as unknown as Record<string | number, unknown>;
      for (const step of path.slice(0, -1)) place = place[step] as Record<string | number, unknown>;
      place[path.at(-1) as string | number] = renameIn(text, reference, to);
    }
  });
}
