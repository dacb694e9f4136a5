/** What differs between two definitions, by widget; pure moves are no difference. */
import type { Definition, Json, State } from "../../api/types";
import { keysOf } from "./model";
import { noteKey, notesOf, noteTitle } from "./notes";

export type PropertyChange = { path: string; before: Json | undefined; after: Json | undefined };
export type WidgetChange = { key: string; changes: PropertyChange[] };
export type NoteChange = { key: string; title: string; kind: "added" | "removed" | "changed" };
export type Difference = { added: string[]; removed: string[]; changed: WidgetChange[]; flow: PropertyChange[]; notes: NoteChange[] };

export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!a || !b || typeof a !== "object" || typeof b !== "object" || Array.isArray(a) !== Array.isArray(b)) return false;
  const keysA = Object.keys(a);
  const keysB = Object.keys(b);
  return (
    keysA.length === keysB.length &&
    keysA.every((key) => same((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}

function changesOf(before: Record<string, Json | undefined>, after: Record<string, Json | undefined>, prefix: string, ignore: ReadonlySet<string>): PropertyChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names]
    .filter((name) => !ignore.has(name) && !same(before[name], after[name]))
    .map((name) => ({ path: prefix + name, before: before[name], after: after[name] }));
}

const STATE_PARTS = new Set(["name", "properties", "transitions"]);
const NO_OFFSET = new Set(["offset"]);

function exitName(state: State, index: number): string {
  const transition = state.transitions[index];
  return transition ? `exit ${transition.event}${transition.event === "match" ? ` ${index}` : ""}` : `exit ${index}`;
}

function compareStates(before: State, after: State): PropertyChange[] {
  const count = Math.max(before.transitions.length, after.transitions.length);
  const exits = Array.from({ length: count }, (_, index) => index)
    .filter((index) => !same(openExit(before.transitions[index]), openExit(after.transitions[index])))
    .map((index) => ({ path: exitName(after.transitions[index] ? after : before, index), ...exitValues(before.transitions[index], after.transitions[index]) }));
  return [
    ...changesOf(before, after, "", STATE_PARTS),
    ...changesOf(before.properties, after.properties, "", NO_OFFSET),
    ...exits,
  ];
}

/** Where only the target differs, the target in words; else the whole exit. */
function exitValues(before: State["transitions"][number] | undefined, after: State["transitions"][number] | undefined) {
  const lead = (next: string | null | undefined) => (next ? `leads to ${next}` : "ends here");
  if (before && after && same({ ...before, next: null }, { ...after, next: null })) return { before: lead(before.next), after: lead(after.next) };
  return { before: before as Json | undefined, after: after as Json | undefined };
}

/** Absent, empty and null targets all mean "ends here". */
function openExit(transition: State["transitions"][number] | undefined) {
  if (!transition) return undefined;
  const { next, ...rest } = transition;
  return next ? { ...rest, next } : rest;
}

export function diffOf(before: Definition, after: Definition): Difference {
  const old = new Map(keysOf(before).map((key, index) => [key, before.states[index] as State]));
  const fresh = new Map(keysOf(after).map((key, index) => [key, after.states[index] as State]));
  const changed = [...fresh].flatMap(([key, state]) => {
    const earlier = old.get(key);
    const changes = earlier && earlier !== state ? compareStates(earlier, state) : [];
    return changes.length > 0 ? [{ key, changes }] : [];
  });
  return {
    added: [...fresh.keys()].filter((key) => !old.has(key)),
    removed: [...old.keys()].filter((key) => !fresh.has(key)),
    changed,
    flow: changesOf(before, after, "", new Set(["states", "notes"])),
    notes: compareNotes(before, after),
  };
}

/** Notes moved, resized or coloured are the same. */
function compareNotes(before: Definition, after: Definition): NoteChange[] {
  const [old, fresh] = [before, after].map((definition) => new Map(notesOf(definition).map((note) => [noteKey(note.id), note])));
  if (!old || !fresh) return [];
  const found = [...fresh].flatMap(([key, note]): NoteChange[] => {
    const earlier = old.get(key);
    if (earlier && earlier.text === note.text) return [];
    return [{ key, title: noteTitle(note), kind: earlier ? "changed" : "added" }];
  });
  const gone = [...old].filter(([key]) => !fresh.has(key)).map(([key, note]): NoteChange => ({ key, title: noteTitle(note), kind: "removed" }));
  return [...found, ...gone];
}

export function isEmpty(difference: Difference): boolean {
  const { added, removed, changed, flow, notes } = difference;
  return added.length + removed.length + changed.length + flow.length + notes.length === 0;
}
