/**
 * Widgets as text: what copy writes and paste reads. The text is a Studio definition with the copied
 * states, so it can be pasted into another flow, another server, an issue or a file, and any Studio
 * definition can be pasted here.
 */
import type { Definition, State } from "../../api/types";
import { asDefinition, indexOf, linksOf, offsetOf, type Link, type Point } from "./model";
import { noteKey, notesOf, type Note } from "./notes";

export function copyText(definition: Definition, keys: readonly string[]): string {
  const wanted = new Set(keys.map((key) => indexOf(definition, key)));
  const states = definition.states.filter((_, index) => wanted.has(index));
  const initial = states.some((state) => state.name === definition.initial_state) ? definition.initial_state : "";
  const notes = notesOf(definition).filter((note) => keys.includes(noteKey(note.id)));
  // What led to them from outside, for pasting with these links.
  const incoming = linksOf(definition).filter(({ source, target }) => keys.includes(target) && !keys.includes(source)).map(({ source, exit, target }) => ({ source, exit, target }));
  const beside = { ...(notes.length > 0 ? { notes } : {}), ...(incoming.length > 0 ? { incoming } : {}) };
  return JSON.stringify({ flowdesk: "widgets", initial_state: initial || states[0]?.name || "", states, ...beside }, null, 2);
}

/** Names of headers and parameters whose values are nobody else's business. */
const SECRET = /^(proxy-)?authorization$|^cookie$|(api[-_]?key|token|secret|passw(or)?d)$/i;
const LOG_IN = /(\w+:\/\/)[^/@\s{}]+:[^/@\s]+@/g;

/**
 * The same definition for a clipboard, which other programs read and people paste anywhere: values of secret headers
 * and log-ins in addresses become placeholders, which the check of the flow they are pasted into names. Templates stay.
 */
export function withoutSecrets(definition: Definition): Definition {
  return { ...definition, states: definition.states.map((state) => ({ ...state, properties: veiled(state.properties) as State["properties"] })) };
}

function veiled(value: unknown): unknown {
  if (typeof value === "string") return value.replace(LOG_IN, "$1${LOG_IN}@");
  if (Array.isArray(value)) return value.map(veiled);
  if (!value || typeof value !== "object") return value;
  const entry = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, veiled(each)]));
  const { key, value: held } = entry;
  if (typeof key !== "string" || typeof held !== "string" || !SECRET.test(key.trim()) || !held || held.includes("{{")) return entry;
  return { ...entry, value: `\${${key.trim().toUpperCase().replace(/\W+/g, "_")}}` };
}

export type Incoming = Omit<Link, "id">;

function incomingOf(value: unknown): Incoming[] {
  if (!Array.isArray(value)) return [];
  return value.filter((entry): entry is Incoming => !!entry && typeof entry === "object" && ["source", "exit", "target"].every((name) => typeof entry[name] === "string"));
}

/** What somebody pastes; null when the text holds neither widgets nor notes. */
export function pasted(text: string): { states: State[]; notes: readonly Note[]; incoming: Incoming[] } | null {
  const definition = read(text);
  if (!definition) return null;
  const notes = notesOf(definition);
  return definition.states.length + notes.length > 0 ? { states: definition.states, notes, incoming: incomingOf(definition.incoming) } : null;
}

function read(text: string): Definition | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith("{") && !trimmed.startsWith("[")) return null;
  try {
    const value = JSON.parse(trimmed) as unknown;
    return asDefinition(Array.isArray(value) ? { states: value } : isState(value) ? { states: [value] } : value);
  } catch {
    return null;
  }
}

function isState(value: unknown): boolean {
  return !!value && typeof value === "object" && "name" in value && "type" in value && !("states" in value);
}

/** The upper left corner of some states and notes, in Studio's units. */
export function cornerOf(states: readonly State[], notes: readonly Note[] = []): Point {
  const offsets = [...states.map(offsetOf).filter((offset) => offset !== null), ...notes];
  if (offsets.length === 0) return { x: 0, y: 0 };
  return { x: Math.min(...offsets.map(({ x }) => x)), y: Math.min(...offsets.map(({ y }) => y)) };
}
