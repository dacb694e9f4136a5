/**
 * Every change of a definition, as a pure function from one definition to the next.
 *
 * Properties nobody here knows are carried along untouched; parts that do not change keep their identity,
 * so that the canvas redraws only what did. Widgets are addressed by key (see model.ts).
 */
import { produce } from "immer";

import type { CatalogueWidget, Definition, Json, JsonObject, State, Transition } from "../../api/types";
import { exitsOf, indexOf, keysOf, linksOf, namesOf, stateOf, type Catalogue, type Link, type Point } from "./model";
import { freeName, stemOf } from "./naming";
import { renameReferences } from "./references";

export type Placed = { definition: Definition; keys: string[] };

function rounded(point: Point): { x: number; y: number } {
  return { x: Math.round(point.x), y: Math.round(point.y) };
}

function defaultsOf(schema: JsonObject): JsonObject {
  const properties = schema.properties;
  if (!properties || typeof properties !== "object" || Array.isArray(properties)) return {};
  const made: JsonObject = {};
  for (const [name, sub] of Object.entries(properties)) {
    if (sub && typeof sub === "object" && !Array.isArray(sub) && sub.default !== undefined && sub.default !== null) {
      made[name] = structuredClone(sub.default);
    }
  }
  return made;
}

/** A fresh state of a type: its defaults, its exits, all of them open. */
export function newState(widget: CatalogueWidget, name: string, offset: Point): State {
  return {
    name,
    type: widget.type,
    transitions: widget.transitions.filter(({ event }) => event !== "match").map(({ event }) => ({ event })),
    properties: { ...defaultsOf(widget.schema), offset: rounded(offset) },
  };
}

export function addWidget(definition: Definition, widget: CatalogueWidget, offset: Point): Placed {
  const name = freeName(stemOf(widget.type), namesOf(definition));
  const state = newState(widget, name, offset);
  return { definition: { ...definition, states: [...definition.states, state] }, keys: [name] };
}

/** Lead an exit to a widget (or to nothing with null). An exit the definition does not list yet is added. */
export function connect(
  definition: Definition,
  { source, exit, target }: { source: string; exit: string; target: string | null },
): Definition {
  const index = indexOf(definition, source);
  if (index < 0) return definition;
  return produce(definition, (draft) => {
    const { transitions } = draft.states[index] as State;
    if (exit.startsWith("e:")) {
      if (target) transitions.push({ event: exit.slice(2), next: target });
      return;
    }
    const transition = transitions[Number(exit.slice(1))];
    if (!transition) return;
    if (target) transition.next = target;
    else delete transition.next;
  });
}

/** Put a fresh or existing widget between the two ends of a link; its first open exit leads on. */
export function insertOnLink(definition: Definition, link: Link, key: string, catalogue: Catalogue): Definition {
  const state = stateOf(definition, key);
  if (!state) return definition;
  const exit = exitsOf(state, catalogue).find((candidate) => !candidate.next);
  const led = connect(definition, { source: link.source, exit: link.exit, target: key });
  return exit ? connect(led, { source: key, exit: exit.id, target: link.target }) : led;
}

/**
 * Take widgets away. Links to them become open exits; with `reconnect`, whoever led to a removed widget
 * leads to where that one's first connected exit led.
 */
export function removeWidgets(
  definition: Definition,
  keys: readonly string[],
  { reconnect = false, catalogue }: { reconnect?: boolean; catalogue: Catalogue },
): Definition {
  const all = keysOf(definition);
  const gone = new Set(keys.filter((key) => all.includes(key) && key !== definition.initial_state));
  if (gone.size === 0) return definition;
  const heirOf = (name: string): string | null => {
    const seen = new Set<string>();
    let current: string | null = name;
    while (current && gone.has(current) && !seen.has(current)) {
      seen.add(current);
      const state = stateOf(definition, current);
      current = (state && exitsOf(state, catalogue).find((exit) => exit.next)?.next) ?? null;
    }
    return current && !gone.has(current) ? current : null;
  };
  return produce(definition, (draft) => {
    draft.states = draft.states.filter((_, index) => !gone.has(all[index] as string));
    for (const state of draft.states) {
      for (const transition of state.transitions) {
        if (!transition.next || !gone.has(transition.next)) continue;
        const heir = reconnect ? heirOf(transition.next) : null;
        if (heir) transition.next = heir;
        else delete transition.next;
      }
    }
  });
}

/** Rename a widget, and every link and template that speaks of it. */
export function renameWidget(definition: Definition, key: string, name: string): Definition {
  const index = indexOf(definition, key);
  const before = definition.states[index]?.name;
  if (before === undefined || before === name) return definition;
  const isTwin = definition.states.some((state, position) => position !== index && state.name === before);
  const renamed = produce(definition, (draft) => {
    (draft.states[index] as State).name = name;
    // Of two widgets with one name, links and templates go on meaning the first.
    if (isTwin && key !== before) return;
    if (draft.initial_state === before) draft.initial_state = name;
    for (const state of draft.states) {
      for (const transition of state.transitions) if (transition.next === before) transition.next = name;
    }
  });
  return isTwin ? renamed : renameReferences(renamed, { kind: "widget", name: before }, name);
}

/** Rename a flow variable wherever it is set and read. */
export function renameVariable(definition: Definition, from: string, to: string): Definition {
  const set = produce(definition, (draft) => {
    for (const state of draft.states) {
      if (state.type !== "set-variables" || !Array.isArray(state.properties.variables)) continue;
      for (const entry of state.properties.variables) {
        if (entry && typeof entry === "object" && !Array.isArray(entry) && entry.key === from) entry.key = to;
      }
    }
  });
  return renameReferences(set, { kind: "variable", name: from }, to);
}

/** Set one property; undefined takes it away. */
export function setProperty(definition: Definition, key: string, name: string, value: Json | undefined): Definition {
  const index = indexOf(definition, key);
  if (index < 0) return definition;
  return produce(definition, (draft) => {
    const { properties } = draft.states[index] as State;
    if (value === undefined) delete properties[name];
    else properties[name] = value;
  });
}

export function setTransitions(definition: Definition, key: string, transitions: Transition[]): Definition {
  const index = indexOf(definition, key);
  if (index < 0) return definition;
  return produce(definition, (draft) => {
    (draft.states[index] as State).transitions = transitions;
  });
}

/** The subject of a split: kept in `input` and, as Studio does, repeated in each condition. */
export function setSplitInput(definition: Definition, key: string, input: string): Definition {
  const index = indexOf(definition, key);
  if (index < 0) return definition;
  return produce(definition, (draft) => {
    const state = draft.states[index] as State;
    state.properties.input = input;
    for (const transition of state.transitions) {
      if (!Array.isArray(transition.conditions)) continue;
      for (const condition of transition.conditions) {
        if (condition && typeof condition === "object" && !Array.isArray(condition)) condition.arguments = [input];
      }
    }
  });
}

export function replaceState(definition: Definition, key: string, state: State): Definition {
  const index = indexOf(definition, key);
  if (index < 0) return definition;
  return { ...definition, states: definition.states.map((old, position) => (position === index ? state : old)) };
}

/** Another type under the same name: links to it stay, exits of the same event keep their targets. */
export function replaceType(definition: Definition, key: string, widget: CatalogueWidget): Definition {
  const old = stateOf(definition, key);
  if (!old) return definition;
  const fresh = newState(widget, old.name, { x: 0, y: 0 });
  const targets = old.transitions.map((transition) => transition.next).filter(Boolean);
  const kept = fresh.transitions.map((transition) => {
    const same = old.transitions.find((candidate) => candidate.event === transition.event && candidate.next);
    return same ? { ...transition, next: same.next as string } : transition;
  });
  const first = kept[0];
  if (first && targets.length > 0 && kept.every((transition) => !transition.next)) first.next = targets[0] as string;
  const shared = Object.fromEntries(Object.entries(old.properties).filter(([name]) => name in fresh.properties));
  const properties = { ...fresh.properties, ...shared };
  if (old.properties.offset !== undefined) properties.offset = old.properties.offset;
  return replaceState(definition, key, { ...fresh, properties, transitions: kept });
}

/** Move widgets to offsets in Studio's units. */
export function moveWidgets(definition: Definition, offsets: ReadonlyMap<string, Point>): Definition {
  const keys = keysOf(definition);
  return produce(definition, (draft) => {
    draft.states.forEach((state, index) => {
      const offset = offsets.get(keys[index] as string);
      if (!offset) return;
      const old = state.properties.offset;
      const rest = old && typeof old === "object" && !Array.isArray(old) ? old : {};
      state.properties.offset = { ...rest, ...rounded(offset) };
    });
  });
}

/**
 * Add copies of states from anywhere: fresh names, links and templates among them follow, links to
 * widgets this flow does not have are dropped. `shift` is added to each offset.
 */
export function pasteStates(definition: Definition, states: readonly State[], shift: Point): Placed {
  const taken = namesOf(definition);
  const renames = new Map<string, string>();
  for (const state of states) {
    const name = freeName(state.name, taken);
    taken.add(name);
    renames.set(state.name, name);
  }
  const existing = namesOf(definition);
  let copy: Definition = {
    initial_state: "",
    states: states.map((state) => ({ ...structuredClone(state), name: state.name })),
  };
  // Two rounds by way of names nobody can type, so that a swap of names cannot meet itself.
  const rounds = [...renames].filter(([from, to]) => from !== to);
  rounds.forEach(([from], index) => {
    copy = renameReferences(copy, { kind: "widget", name: from }, `copied${index}copied`);
  });
  rounds.forEach(([, to], index) => {
    copy = renameReferences(copy, { kind: "widget", name: `copied${index}copied` }, to);
  });
  const pasted = copy.states.map((state) => {
    const offset = state.properties.offset as { x?: number; y?: number } | undefined;
    return {
      ...state,
      name: renames.get(state.name) as string,
      properties: {
        ...state.properties,
        offset: rounded({ x: (offset?.x ?? 0) + shift.x, y: (offset?.y ?? 0) + shift.y }),
      },
      transitions: state.transitions.map((transition) => {
        if (!transition.next) return transition;
        const inside = renames.get(transition.next);
        if (inside) return { ...transition, next: inside };
        if (existing.has(transition.next)) return transition;
        const { next: _dropped, ...open } = transition;
        return open as Transition;
      }),
    } as State;
  });
  return {
    definition: { ...definition, states: [...definition.states, ...pasted] },
    keys: pasted.map((state) => state.name),
  };
}

/** Lead the exits that led to copied widgets to their copies: those that are open now, or still lead to the original. */
export function leadToCopies(definition: Definition, incoming: readonly Omit<Link, "id">[], copies: ReadonlyMap<string, string>): Definition {
  return incoming.reduce((before, { source, exit, target }) => {
    const copy = copies.get(target);
    const transition = stateOf(before, source)?.transitions[Number(exit.slice(1))];
    if (!copy || !transition || (transition.next && transition.next !== target)) return before;
    return connect(before, { source, exit, target: copy });
  }, definition);
}

/** The keys before or after some widgets along the links, themselves included. */
export function reachOf(definition: Definition, from: readonly string[], way: "up" | "down" | "both"): string[] {
  const next = new Map<string, string[]>();
  const lead = (key: string, to: string) => {
    const known = next.get(key);
    if (known) known.push(to);
    else next.set(key, [to]);
  };
  for (const { source, target } of linksOf(definition)) {
    if (way !== "up") lead(source, target);
    if (way !== "down") lead(target, source);
  }
  const reached = new Set(from);
  const queue = [...from];
  while (queue.length > 0) {
    for (const key of next.get(queue.pop() as string) ?? []) {
      if (reached.has(key)) continue;
      reached.add(key);
      queue.push(key);
    }
  }
  return [...reached];
}
