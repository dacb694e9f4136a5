/**
 * Widgets as text: what copy writes and paste reads. The text is a Studio definition with the copied
 * states, so it can be pasted into another flow, another server, an issue or a file, and any Studio
 * definition can be pasted here.
 */
import type { Definition, State } from "../../api/types";
import { asDefinition, indexOf, offsetOf, type Point } from "./model";

export function copyText(definition: Definition, keys: readonly string[]): string {
  const wanted = new Set(keys.map((key) => indexOf(definition, key)));
  const states = definition.states.filter((_, index) => wanted.has(index));
  const initial = states.some((state) => state.name === definition.initial_state) ? definition.initial_state : "";
  return JSON.stringify({ flowdesk: "widgets", initial_state: initial || states[0]?.name || "", states }, null, 2);
}

/** The states in a text somebody pastes; null when it holds none. */
export function pastedStates(text: string): State[] | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") && !trimmed.startsWith("[")) return null;
  try {
    const value = JSON.parse(trimmed) as unknown;
    const definition = asDefinition(
      Array.isArray(value) ? { states: value } : isState(value) ? { states: [value] } : value,
    );
    return definition && definition.states.length > 0 ? definition.states : null;
  } catch {
    return null;
  }
}

function isState(value: unknown): boolean {
  return !!value && typeof value === "object" && "name" in value && "type" in value && !("states" in value);
}

/** The upper left corner of some states, in Studio's units. */
export function cornerOf(states: readonly State[]): Point {
  const offsets = states.map(offsetOf).filter((offset) => offset !== null);
  if (offsets.length === 0) return { x: 0, y: 0 };
  return { x: Math.min(...offsets.map(({ x }) => x)), y: Math.min(...offsets.map(({ y }) => y)) };
}
