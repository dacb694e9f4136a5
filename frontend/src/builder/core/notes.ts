/**
 * Sticky notes: texts beside the widgets, for those who draw. They stand in the definition as `notes`, which the engine
 * and the check do not look at, so that exports, revisions and copies carry them. A large one frames widgets.
 */
import type { Definition, Json, JsonObject } from "../../api/types";
import type { Point } from "./model";

export const NOTE_COLORS = ["amber", "teal", "blue", "plum", "grey"] as const;
export type NoteColor = (typeof NOTE_COLORS)[number];

/** Places and sizes are in Studio's units, as widgets' offsets are. */
export type Note = { id: string; text: string; x: number; y: number; width: number; height: number; color: NoteColor };

const PREFIX = "note:";
export const NOTE_SIZE = { width: 190, height: 110 };
const LEAST = 60;

/** A note's id among the widgets' keys, in a selection for one. */
export function noteKey(id: string): string {
  return PREFIX + id;
}

export function isNoteKey(key: string): boolean {
  return key.startsWith(PREFIX);
}

/** How many widgets and notes these are, in words. */
export function countInWords(keys: readonly string[]): string {
  const notes = keys.filter(isNoteKey).length;
  const widgets = keys.length - notes;
  const parts = [widgets > 0 ? `${widgets} ${widgets === 1 ? "widget" : "widgets"}` : "", notes > 0 ? `${notes} ${notes === 1 ? "note" : "notes"}` : ""];
  return parts.filter(Boolean).join(" and ");
}

function number(value: Json | undefined, fallback: number): number {
  return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}

function isObject(value: Json): value is JsonObject {
  return !!value && typeof value === "object" && !Array.isArray(value);
}

const cache = new WeakMap<object, readonly Note[]>();
const NONE: readonly Note[] = [];

/** The notes of a definition, whatever it holds there; entries that are none are left alone. */
export function notesOf(definition: Definition): readonly Note[] {
  const list = definition.notes;
  if (!Array.isArray(list)) return NONE;
  const cached = cache.get(list);
  if (cached) return cached;
  const seen = new Set<string>();
  const notes = list.filter(isObject).flatMap((entry): Note[] => {
    if (typeof entry.id !== "string" || !entry.id || seen.has(entry.id)) return [];
    seen.add(entry.id);
    return [
      {
        id: entry.id,
        text: typeof entry.text === "string" ? entry.text : "",
        x: number(entry.x, 0),
        y: number(entry.y, 0),
        width: Math.max(LEAST, number(entry.width, NOTE_SIZE.width)),
        height: Math.max(LEAST / 2, number(entry.height, NOTE_SIZE.height)),
        color: NOTE_COLORS.find((color) => color === entry.color) ?? "amber",
      },
    ];
  });
  cache.set(list, notes);
  return notes;
}

export function noteOf(definition: Definition, key: string): Note | null {
  return isNoteKey(key) ? (notesOf(definition).find((note) => noteKey(note.id) === key) ?? null) : null;
}

function raw(definition: Definition): Json[] {
  return Array.isArray(definition.notes) ? definition.notes : [];
}

function rounded(note: Partial<Note>): JsonObject {
  return Object.fromEntries(Object.entries(note).map(([name, value]) => [name, typeof value === "number" ? Math.round(value) : value])) as JsonObject;
}

export function freeNoteId(definition: Definition): string {
  const taken = new Set(notesOf(definition).map((note) => note.id));
  for (let count = 1; ; count += 1) if (!taken.has(`note${count}`)) return `note${count}`;
}

export function addNote(definition: Definition, note: Omit<Note, "id">): { definition: Definition; key: string } {
  const id = freeNoteId(definition);
  return { definition: { ...definition, notes: [...raw(definition), { id, ...rounded(note) }] }, key: noteKey(id) };
}

/** Change a note; what else its entry carries stays. */
export function changeNote(definition: Definition, key: string, change: Partial<Omit<Note, "id">>): Definition {
  if (!noteOf(definition, key)) return definition;
  return {
    ...definition,
    notes: raw(definition).map((entry) => (isObject(entry) && typeof entry.id === "string" && noteKey(entry.id) === key ? { ...entry, ...rounded(change) } : entry)),
  };
}

export function removeNotes(definition: Definition, keys: readonly string[]): Definition {
  const gone = new Set(keys.filter((key) => noteOf(definition, key)));
  if (gone.size === 0) return definition;
  const left = raw(definition).filter((entry) => !(isObject(entry) && typeof entry.id === "string" && gone.has(noteKey(entry.id))));
  if (left.length > 0) return { ...definition, notes: left };
  const { notes: _none, ...rest } = definition;
  return rest as Definition;
}

export function moveNotes(definition: Definition, places: ReadonlyMap<string, Point>): Definition {
  let moved = definition;
  for (const [key, { x, y }] of places) if (isNoteKey(key)) moved = changeNote(moved, key, { x, y });
  return moved;
}

/** Copies of notes from anywhere, under fresh ids. */
export function pasteNotes(definition: Definition, notes: readonly Note[], shift: Point): { definition: Definition; keys: string[] } {
  let pasted = definition;
  const keys: string[] = [];
  for (const { id: _id, ...note } of notes) {
    const placed = addNote(pasted, { ...note, x: note.x + shift.x, y: note.y + shift.y });
    pasted = placed.definition;
    keys.push(placed.key);
  }
  return { definition: pasted, keys };
}

/** The first line without its marks: what a note is called in lists. */
export function noteTitle(note: Note): string {
  const line = note.text.split("\n").find((candidate) => candidate.trim()) ?? "";
  const plain = line.replace(/^[#>*\-\s]+/, "").replace(/[*_`]/g, "").trim();
  return plain.length > 60 ? `${plain.slice(0, 59)}…` : plain || "Empty note";
}
