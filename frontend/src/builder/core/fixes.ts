/** Repairs that are obvious enough to offer as one click beside a problem. */
import type { Definition, Json, State, Transition } from "../../api/types";
import { connect, removeWidgets, renameWidget, replaceState, setProperty } from "./edits";
import { keysOf, namesOf, stateOf, textOf, type Catalogue } from "./model";
import { freeName, nameProblem } from "./naming";
import type { PlacedProblem } from "./problems";
import { renameReferences } from "./references";

export type Fix = { label: string; apply: (definition: Definition) => Definition };

/** What a message needs to be sent at all; as Studio writes them. */
const FROM: Record<string, string> = { from: "{{flow.channel.address}}", to: "{{contact.channel.address}}" };

export function fixesOf(problem: PlacedProblem, definition: Definition, catalogue: Catalogue): Fix[] {
  const { key } = problem;
  const state = key === null ? null : stateOf(definition, key);
  const code = String(problem.code);
  if (code === "start-missing" || code === "no-start") return fixStart(definition);
  if (key === null || !state) return [];
  switch (code) {
    case "target-missing":
      return fixTarget(problem, key, state, definition);
    case "unreachable":
      return key === definition.initial_state ? [] : [{ label: `Delete ${key}`, apply: (before) => removeWidgets(before, [key], { catalogue }) }];
    case "name-twice": {
      const name = freeName(state.name, namesOf(definition));
      return [{ label: `Rename to ${name}`, apply: (before) => renameWidget(before, key, name) }];
    }
    case "hard-name": {
      const name = freeName(plainName(state.name), namesOf(definition));
      return nameProblem(name, namesOf(definition)) ? [] : [{ label: `Rename to ${name}`, apply: (before) => renameWidget(before, key, name) }];
    }
    case "exit-twice":
      return problem.transition === null ? [] : [{ label: "Remove the exit", apply: (before) => withoutExit(before, key, problem.transition as number) }];
    case "missing-exit":
      return fixExits(key, state, catalogue);
    case "unknown-widget-name":
      return fixReference(problem, key, state, "widget", definition);
    case "variable-never-set":
      return fixReference(problem, key, state, "variable", definition);
    default:
      return fixProperty(problem, key, state, catalogue);
  }
}

function fixStart(definition: Definition): Fix[] {
  const trigger = definition.states.find((state) => state.type === "trigger");
  return trigger ? [{ label: `Start with ${trigger.name}`, apply: (before) => ({ ...before, initial_state: trigger.name }) }] : [];
}

function fixTarget(problem: PlacedProblem, key: string, state: State, definition: Definition): Fix[] {
  const { transition } = problem;
  const next = transition === null ? null : state.transitions[transition]?.next;
  if (transition === null || !next) return [];
  const near = nearest(next, keysOf(definition).filter((name) => name !== definition.initial_state));
  const lead = (target: string | null) => (before: Definition) => connect(before, { source: key, exit: `t${transition}`, target });
  return [...(near ? [{ label: `Lead to ${near}`, apply: lead(near) }] : []), { label: "End here", apply: lead(null) }];
}

function plainName(name: string): string {
  const plain = name.normalize("NFKD").replace(/[^\w-]+/g, "_").replace(/^_+|_+$/g, "");
  return /^[A-Za-z_]/.test(plain) ? plain : `widget_${plain}`;
}

function withoutExit(definition: Definition, key: string, index: number): Definition {
  const state = stateOf(definition, key);
  return state ? replaceState(definition, key, { ...state, transitions: state.transitions.filter((_, at) => at !== index) }) : definition;
}

function fixExits(key: string, state: State, catalogue: Catalogue): Fix[] {
  const missing = (catalogue.get(state.type)?.transitions ?? []).filter(({ event }) => event !== "match" && !state.transitions.some((transition) => transition.event === event));
  if (missing.length === 0) return [];
  const added = missing.map(({ event }): Transition => ({ event }));
  return [{ label: missing.length === 1 ? "Add the exit" : "Add the exits", apply: (before) => replaceState(before, key, { ...state, transitions: [...state.transitions, ...added] }) }];
}

/** A name a text reads that does not exist: the nearest that does, in this widget's texts. */
function fixReference(problem: PlacedProblem, key: string, state: State, kind: "widget" | "variable", definition: Definition): Fix[] {
  const name = /'([^']+)'[^']*$/.exec(problem.message)?.[1] ?? /reads (?:the outputs of|the variable) '([^']+)'/.exec(problem.message)?.[1];
  if (!name) return [];
  const names = kind === "widget" ? keysOf(definition) : variablesOf(definition);
  const near = nearest(name, names.filter((candidate) => candidate !== name));
  if (!near) return [];
  return [
    {
      label: `Read ${near}`,
      apply: (before) => {
        const alone: Definition = { ...before, states: [state] };
        const [mended] = renameReferences(alone, { kind, name }, near).states;
        return mended ? replaceState(before, key, mended) : before;
      },
    },
  ];
}

function variablesOf(definition: Definition): string[] {
  return definition.states.flatMap((state) => {
    const list = state.type === "set-variables" && Array.isArray(state.properties.variables) ? state.properties.variables : [];
    return list.map((entry) => (entry && typeof entry === "object" && !Array.isArray(entry) ? textOf(entry.key) : "")).filter(Boolean);
  });
}

/** A property that is missing or wrong and has a default: the default. */
function fixProperty(problem: PlacedProblem, key: string, state: State, catalogue: Catalogue): Fix[] {
  const { property } = problem;
  if (!property) return [];
  const schema = catalogue.get(state.type)?.schema.properties;
  const described = schema && typeof schema === "object" && !Array.isArray(schema) ? schema[property] : undefined;
  const own = described && typeof described === "object" && !Array.isArray(described) ? described.default : undefined;
  const fallback: Json | undefined = FROM[property] ?? (own === null ? undefined : own);
  if (fallback === undefined || fallback === "" || JSON.stringify(fallback) === JSON.stringify(state.properties[property])) return [];
  const shown = typeof fallback === "string" ? fallback : JSON.stringify(fallback);
  return [{ label: `Set to ${shown.length > 32 ? "the default" : shown}`, apply: (before) => setProperty(before, key, property, fallback) }];
}

/** The candidate that a name was most likely meant to be; null where none is near. */
export function nearest(name: string, candidates: readonly string[]): string | null {
  const wanted = name.toLowerCase();
  let best: { name: string; distance: number } | null = null;
  for (const candidate of candidates) {
    const distance = editsBetween(wanted, candidate.toLowerCase());
    if (!best || distance < best.distance) best = { name: candidate, distance };
  }
  return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.name : null;
}

function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] as number;
}
