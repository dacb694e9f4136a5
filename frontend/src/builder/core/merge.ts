/**
 * Two people changed one flow: what each did since the revision both began from, put together.
 *
 * The smallest parts that are compared are a widget's properties and the targets of its exits, the flow's own members,
 * and notes. Where only one side changed a part, that side's is taken; where both did, differently, it is a conflict
 * and mine stands until somebody chooses.
 */
import type { Definition, Json, JsonObject, State, Transition } from "../../api/types";
import { same } from "./diff";
import { keysOf } from "./model";

export type Side = "mine" | "theirs";
/** `key`: the widget, or "" for the flow itself. */
export type Conflict = { id: string; key: string; path: string; mine: Json | undefined; theirs: Json | undefined };
export type Merge = { definition: Definition; conflicts: Conflict[] };

type Choices = Readonly<Record<string, Side>>;
type Values = Record<string, Json | undefined>;
type Pick = (path: string, values: { base: Json | undefined; mine: Json | undefined; theirs: Json | undefined }) => Json | undefined;

export function merge(base: Definition, mine: Definition, theirs: Definition, choices: Choices = {}): Merge {
  const conflicts: Conflict[] = [];
  const picker = (key: string): Pick => (path, values) => {
    if (same(values.mine, values.theirs) || same(values.theirs, values.base)) return values.mine;
    if (same(values.mine, values.base)) return values.theirs;
    const id = `${key}/${path}`;
    conflicts.push({ id, key, path, mine: values.mine, theirs: values.theirs });
    return choices[id] === "theirs" ? values.theirs : values.mine;
  };
  const states = mergeStates(base, mine, theirs, picker);
  const members = mergeMembers(without(base, PARTS), without(mine, PARTS), without(theirs, PARTS), picker(""));
  const notes = mergeNotes(base.notes, mine.notes, theirs.notes, picker(""));
  const merged = { ...members, states, ...(notes === undefined ? {} : { notes }) } as Definition;
  return { definition: keepIdentity(merged, [mine, theirs]), conflicts };
}

const PARTS = new Set(["states", "notes"]);

function without(values: Values, names: ReadonlySet<string>): Values {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)));
}

/** Absent and undefined are one thing: the member is not there. */
function mergeMembers(base: Values, mine: Values, theirs: Values, pick: Pick, prefix = ""): JsonObject {
  const names = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
  const merged: JsonObject = {};
  for (const name of names) {
    const value = pick(prefix + name, { base: base[name], mine: mine[name], theirs: theirs[name] });
    if (value !== undefined) merged[name] = value;
  }
  return merged;
}

function byKey(definition: Definition): Map<string, State> {
  return new Map(keysOf(definition).map((key, index) => [key, definition.states[index] as State]));
}

function mergeStates(base: Definition, mine: Definition, theirs: Definition, picker: (key: string) => Pick): State[] {
  const [old, own, other] = [byKey(base), byKey(mine), byKey(theirs)];
  const merged: State[] = [];
  for (const key of inOrder([...own.keys()], [...other.keys()])) {
    const [before, my, their] = [old.get(key), own.get(key), other.get(key)];
    if (before && my && their) merged.push(mergeState(before, my, their, picker(key)));
    else if (before && (my ?? their)) {
      // One side deleted it: that holds, unless the other side changed more than its place.
      const left = (my ?? their) as State;
      const changed = !same(unplaced(before), unplaced(left));
      const kept = changed ? picker(key)("", { base: before, mine: my, theirs: their }) : undefined;
      if (kept) merged.push(kept as State);
    } else {
      const added = picker(key)("", { base: undefined, mine: my, theirs: their });
      if (added) merged.push(added as State);
    }
  }
  return merged;
}

/** Mine as they stand, each of theirs alone behind the one it follows there. */
function inOrder(mine: readonly string[], theirs: readonly string[]): string[] {
  const order = [...mine];
  const known = new Set(mine);
  theirs.forEach((key, index) => {
    if (known.has(key)) return;
    const before = theirs[index - 1];
    order.splice(before === undefined ? 0 : order.indexOf(before) + 1, 0, key);
    known.add(key);
  });
  return order;
}

function unplaced(state: State): JsonObject {
  const { offset: _place, ...properties } = state.properties;
  return { ...state, properties };
}

function mergeState(before: State, my: State, their: State, pick: Pick): State {
  if (my === their) return my;
  // Whoever moved it last moved it: a place is nothing to argue about.
  const place = same(my.properties.offset, before.properties.offset) ? their.properties.offset : my.properties.offset;
  const properties = mergeMembers(without(before.properties, OFFSET), without(my.properties, OFFSET), without(their.properties, OFFSET), pick);
  const rest = mergeMembers(without(before, STATE_PARTS), without(my, STATE_PARTS), without(their, STATE_PARTS), pick);
  return {
    ...rest,
    properties: place === undefined ? properties : { ...properties, offset: place },
    transitions: mergeTransitions(before.transitions, my.transitions, their.transitions, pick),
  } as State;
}

const OFFSET = new Set(["offset"]);
const STATE_PARTS = new Set(["properties", "transitions"]);

/** Exit by exit where the three have the same exits; else the list is one part. */
function mergeTransitions(before: Transition[], my: Transition[], their: Transition[], pick: Pick): Transition[] {
  const events = (list: Transition[]) => list.map((transition) => transition.event).join("\n");
  if (events(before) !== events(my) || events(before) !== events(their)) {
    return pick("exits", { base: before, mine: my, theirs: their }) as Transition[];
  }
  return before.map((transition, index) =>
    pick(`exit ${transition.event}${transition.event === "match" ? ` ${index}` : ""}`, { base: transition, mine: my[index], theirs: their[index] }) as Transition,
  );
}

function mergeNotes(base: Json | undefined, mine: Json | undefined, theirs: Json | undefined, pick: Pick): Json | undefined {
  const tables = [base, mine, theirs].map(notesById);
  const [before, my, their] = tables;
  if (!before || !my || !their) return pick("notes", { base, mine, theirs });
  const ids = new Set([...my.keys(), ...their.keys()]);
  const merged = [...ids].flatMap((id) => {
    const value = pick(`note ${id}`, { base: before.get(id), mine: my.get(id), theirs: their.get(id) });
    return value === undefined ? [] : [value];
  });
  return merged.length > 0 ? merged : undefined;
}

/** Null where it is no list of notes. */
function notesById(value: Json | undefined): Map<string, Json> | null {
  if (value === undefined) return new Map();
  if (!Array.isArray(value)) return null;
  const table = new Map<string, Json>();
  for (const entry of value) {
    const id = entry && typeof entry === "object" && !Array.isArray(entry) ? entry.id : undefined;
    if (typeof id !== "string" || table.has(id)) return null;
    table.set(id, entry);
  }
  return table;
}

/** Parts equal to one of the sides are that side's very objects, so that the canvas redraws what differs only. */
function keepIdentity(merged: Definition, sides: readonly Definition[]): Definition {
  for (const side of sides) if (same(merged, side)) return side;
  const tables = sides.map(byKey);
  const states = merged.states.map((state) => tables.map((table) => table.get(state.name)).find((known) => known && same(known, state)) ?? state);
  return { ...merged, states };
}
