/** What differs between two definitions, by widget; pure moves are no difference. */
import type { Definition, Json, State } from "../../api/types";
import { keysOf } from "./model";

export type PropertyChange = { path: string; before: Json | undefined; after: Json | undefined };
export type WidgetChange = { key: string; changes: PropertyChange[] };
export type Difference = { added: string[]; removed: string[]; changed: WidgetChange[]; flow: PropertyChange[] };

function same(a: unknown, b: unknown): boolean {
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
    .map((index) => ({
      path: exitName(after.transitions[index] ? after : before, index),
      before: before.transitions[index] as Json | undefined,
      after: after.transitions[index] as Json | undefined,
    }));
  return [
    ...changesOf(before, after, "", STATE_PARTS),
    ...changesOf(before.properties, after.properties, "", NO_OFFSET),
    ...exits,
  ];
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
    flow: changesOf(before, after, "", new Set(["states"])),
  };
}

export function isEmpty(difference: Difference): boolean {
  const { added, removed, changed, flow } = difference;
  return added.length + removed.length + changed.length + flow.length === 0;
}
