/** Notes as frames: which widgets lie on one, and go where it goes. */
import type { Definition } from "../../api/types";
import { rectsOf, toCanvas, type Rect } from "./layout";
import { SCALE, type Catalogue, type Point } from "./model";
import { isNoteKey, noteKey, noteOf, notesOf, type Note } from "./notes";

/** Of each carried widget or note: the note that carries it, and its distance from that note's corner, in canvas pixels. */
export type Carried = ReadonlyMap<string, { by: string; dx: number; dy: number }>;

export function noteRect(note: Note): Rect {
  return { id: noteKey(note.id), ...toCanvas(note), width: note.width * SCALE, height: note.height * SCALE };
}

function holds(outer: Rect, inner: Rect): boolean {
  return (
    inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height
  );
}

/** The keys of what lies wholly on a note. */
export function keysOn(definition: Definition, catalogue: Catalogue, key: string): string[] {
  const note = noteOf(definition, key);
  if (!note) return [];
  const frame = noteRect(note);
  const all = [...rectsOf(definition, catalogue), ...notesOf(definition).map(noteRect)];
  return all.filter((rect) => rect.id !== key && holds(frame, rect)).map((rect) => rect.id);
}

/** What goes along when these are dragged, and is not dragged itself. */
export function carriedBy(definition: Definition, catalogue: Catalogue, dragged: readonly string[]): Carried {
  const carried = new Map<string, { by: string; dx: number; dy: number }>();
  const own = new Set(dragged);
  const notes = dragged.filter(isNoteKey);
  if (notes.length === 0) return carried;
  const rects = new Map([...rectsOf(definition, catalogue), ...notesOf(definition).map(noteRect)].map((rect) => [rect.id, rect]));
  for (const by of notes) {
    const frame = rects.get(by) as Rect;
    for (const key of keysOn(definition, catalogue, by)) {
      const rect = rects.get(key);
      if (rect && !own.has(key) && !carried.has(key)) carried.set(key, { by, dx: rect.x - frame.x, dy: rect.y - frame.y });
    }
  }
  return carried;
}

export function carriedSpots(carried: Carried, spots: ReadonlyMap<string, Point>): Map<string, Point> {
  const found = new Map<string, Point>();
  for (const [key, { by, dx, dy }] of carried) {
    const spot = spots.get(by);
    if (spot) found.set(key, { x: spot.x + dx, y: spot.y + dy });
  }
  return found;
}

const AROUND = 26;
const HEADING = 44;

/**
 * Notes after widgets were laid out anew: a frame is drawn around what lay on it, another note keeps its distance from
 * the widget that was nearest to it.
 */
export function notesFollow(before: Definition, after: Definition, catalogue: Catalogue): Definition {
  if (notesOf(before).length === 0) return after;
  const old = rectsOf(before, catalogue);
  const fresh = new Map(rectsOf(after, catalogue).map((rect) => [rect.id, rect]));
  const notes = notesOf(after).map((note) => {
    const frame = noteRect(note);
    const inside = old.filter((rect) => holds(frame, rect)).map((rect) => fresh.get(rect.id)).filter((rect) => rect !== undefined);
    if (inside.length > 0) return around(note, inside);
    const nearest = old.reduce<{ rect: Rect; distance: number } | null>((best, rect) => {
      const distance = Math.hypot(centre(rect).x - centre(frame).x, centre(rect).y - centre(frame).y);
      return best && best.distance <= distance ? best : { rect, distance };
    }, null);
    const now = nearest && fresh.get(nearest.rect.id);
    return nearest && now ? { ...note, x: note.x + (now.x - nearest.rect.x) / SCALE, y: note.y + (now.y - nearest.rect.y) / SCALE } : note;
  });
  const places = new Map(notes.map((note) => [note.id, note]));
  return {
    ...after,
    notes: (after.notes as { id?: string }[]).map((entry) => {
      const placed = entry.id === undefined ? undefined : places.get(entry.id);
      if (!placed) return entry;
      const { x, y, width, height } = placed;
      return { ...entry, x: Math.round(x), y: Math.round(y), width: Math.round(width), height: Math.round(height) };
    }) as Definition["notes"],
  };
}

function centre(rect: Rect): Point {
  return { x: rect.x + rect.width / 2, y: rect.y + rect.height / 2 };
}

function around(note: Note, rects: readonly Rect[]): Note {
  const left = Math.min(...rects.map((rect) => rect.x)) - AROUND;
  const top = Math.min(...rects.map((rect) => rect.y)) - HEADING;
  const right = Math.max(...rects.map((rect) => rect.x + rect.width)) + AROUND;
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height)) + AROUND;
  return { ...note, x: left / SCALE, y: top / SCALE, width: (right - left) / SCALE, height: (bottom - top) / SCALE };
}

/** A frame around these widgets: a note with room for its heading. */
export function frameAround(definition: Definition, catalogue: Catalogue, keys: readonly string[]): Omit<Note, "id"> | null {
  const chosen = new Set(keys);
  const rects = rectsOf(definition, catalogue).filter((rect) => chosen.has(rect.id));
  if (rects.length === 0) return null;
  const { id: _id, ...frame } = around({ id: "", text: "## Heading", x: 0, y: 0, width: 0, height: 0, color: "teal" }, rects);
  return frame;
}
