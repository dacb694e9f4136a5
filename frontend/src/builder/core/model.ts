/**
 * Reading a Studio definition: keys, exits, links. Nothing here changes anything.
 *
 * A widget is addressed by its key: its name, or `name~2` for the second of two widgets that
 * (wrongly) share one, so that a broken definition can still be drawn and repaired.
 */
import type { CatalogueWidget, Definition, Json, JsonObject, State, Transition } from "../../api/types";

export type Point = { x: number; y: number };
export type Catalogue = ReadonlyMap<string, CatalogueWidget>;

export type Condition = { friendly_name: string; arguments: string[]; type: string; value: string } & JsonObject;

/** One named way out of a widget. `index` is null for one its type offers but the definition does not list. */
export type Exit = { id: string; event: string; index: number | null; next: string | null };

/** Canvas pixels per unit of Studio's `offset`: our cards are wider than Studio's. */
export const SCALE = 1.3;

export function catalogueOf(widgets: readonly CatalogueWidget[]): Catalogue {
  return new Map(widgets.map((widget) => [widget.type, widget]));
}

type Keys = { list: string[]; indexes: Map<string, number> };

const keyCache = new WeakMap<readonly State[], Keys>();

function keyed(definition: Definition): Keys {
  const cached = keyCache.get(definition.states);
  if (cached) return cached;
  const seen = new Map<string, number>();
  const list = definition.states.map((state) => {
    const count = (seen.get(state.name) ?? 0) + 1;
    seen.set(state.name, count);
    return count === 1 ? state.name : `${state.name}~${count}`;
  });
  const keys = { list, indexes: new Map(list.map((key, index) => [key, index])) };
  keyCache.set(definition.states, keys);
  return keys;
}

/** The key of each state, in their order. */
export function keysOf(definition: Definition): string[] {
  return keyed(definition).list;
}

/** The position of a widget among the states; -1 when there is none. */
export function indexOf(definition: Definition, key: string): number {
  return keyed(definition).indexes.get(key) ?? -1;
}

export function stateOf(definition: Definition, key: string): State | null {
  return definition.states[indexOf(definition, key)] ?? null;
}

export function namesOf(definition: Definition): Set<string> {
  return new Set(definition.states.map((state) => state.name));
}

function targetOf(transition: Transition): string | null {
  return transition.next ? transition.next : null;
}

/**
 * The exits of a widget in the order they are drawn: those of the definition (split: conditions first,
 * "no match" last), then those its type offers and the definition leaves out.
 */
export function exitsOf(state: State, catalogue: Catalogue): readonly Exit[] {
  const cached = exitCache.get(state);
  if (cached && cached.catalogue === catalogue) return cached.exits;
  const exits = findExits(state, catalogue);
  exitCache.set(state, { catalogue, exits });
  return exits;
}

const exitCache = new WeakMap<State, { catalogue: Catalogue; exits: readonly Exit[] }>();

function findExits(state: State, catalogue: Catalogue): Exit[] {
  const listed = state.transitions.map((transition, index) => ({
    id: `t${index}`,
    event: transition.event,
    index,
    next: targetOf(transition),
  }));
  const offered = catalogue.get(state.type)?.transitions ?? [];
  const order = new Map(offered.map((entry, index) => [entry.event, index]));
  const missing = offered
    .filter((entry) => entry.event !== "match" && !listed.some((exit) => exit.event === entry.event))
    .map((entry) => ({ id: `e:${entry.event}`, event: entry.event, index: null, next: null }));
  const rank = (event: string) => (event === "noMatch" ? 999 : (order.get(event) ?? 500));
  return [...listed, ...missing].sort((a, b) => rank(a.event) - rank(b.event));
}

export function exitOf(state: State, catalogue: Catalogue, exitId: string): Exit | null {
  return exitsOf(state, catalogue).find((exit) => exit.id === exitId) ?? null;
}

export type Link = { id: string; source: string; exit: string; target: string };

const linkCache = new WeakMap<readonly State[], Link[]>();

/** Every drawn connection. Targets that do not exist are left out: they are problems, not lines. */
export function linksOf(definition: Definition): readonly Link[] {
  const cached = linkCache.get(definition.states);
  if (cached) return cached;
  const links = findLinks(definition);
  linkCache.set(definition.states, links);
  return links;
}

function findLinks(definition: Definition): Link[] {
  const keys = keysOf(definition);
  const known = new Set(keys);
  return definition.states.flatMap((state, position) => {
    const source = keys[position] as string;
    return state.transitions.flatMap((transition, index) => {
      const target = targetOf(transition);
      return target && known.has(target) ? [{ id: `${source}/t${index}`, source, exit: `t${index}`, target }] : [];
    });
  });
}

export function offsetOf(state: State): Point | null {
  const offset = state.properties?.offset;
  if (!offset || typeof offset !== "object" || Array.isArray(offset)) return null;
  const { x, y } = offset;
  return typeof x === "number" && typeof y === "number" ? { x, y } : null;
}

const NO_CONDITION: Condition = { friendly_name: "", arguments: [], type: "", value: "" };

/** The conditions of an exit; one that is none (a draft may hold anything) is an empty one in its place. */
export function conditionsOf(transition: Transition | undefined): Condition[] {
  const list = Array.isArray(transition?.conditions) ? transition.conditions : [];
  return list.map((entry) => (entry && typeof entry === "object" && !Array.isArray(entry) ? (entry as Condition) : NO_CONDITION));
}

/** A property as text; anything that is not text or a number is empty. */
export function textOf(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}

/** A plain JSON value that may be read as a definition, made safe to draw; null when it is none. */
export function asDefinition(value: unknown): Definition | null {
  if (!value || typeof value !== "object" || Array.isArray(value)) return null;
  const candidate = value as { states?: unknown; initial_state?: unknown };
  if (!Array.isArray(candidate.states)) return null;
  const sound = candidate.states.every(
    (state: unknown) =>
      !!state &&
      typeof state === "object" &&
      typeof (state as State).name === "string" &&
      typeof (state as State).type === "string" &&
      (!("properties" in state) || (typeof state.properties === "object" && state.properties !== null)) &&
      (!("transitions" in state) || isTransitions(state.transitions)),
  );
  if (!sound) return null;
  return {
    ...(value as Definition),
    initial_state: typeof candidate.initial_state === "string" ? candidate.initial_state : "",
    states: (candidate.states as Partial<State>[]).map(
      (state) => ({ ...state, properties: state.properties ?? {}, transitions: state.transitions ?? [] }) as State,
    ),
  };
}

function isTransitions(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((entry: unknown) => !!entry && typeof entry === "object" && typeof (entry as Transition).event === "string")
  );
}
