/**
 * A workflow's configuration while it is edited: filters and targets with identities of their own, so that cards keep
 * focus and state when they move. What the editor does not know stays in the objects untouched. Pure.
 */
import type { Json, JsonObject } from "../../api/types";

export type Target = { id: string; value: JsonObject };
export type Filter = { id: string; value: JsonObject; targets: Target[] };
export type Draft = {
  filters: Filter[];
  /** null: none. */
  defaultFilter: JsonObject | null;
  /** Other keys of `task_routing`, and of the configuration around it. */
  restOfRouting: JsonObject;
  rest: JsonObject;
};

let made = 0;
export const newId = (): string => `c${(made += 1)}`;

export function isObject(value: Json | undefined): value is JsonObject {
  return !!value && typeof value === "object" && !Array.isArray(value);
}

/** The text of a property, whatever form it has. */
export function textOf(value: Json | undefined): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function filterOf(value: JsonObject): Filter {
  const { targets, queue, ...own } = value;
  // The old form: a filter that names a queue is a filter with that one target.
  const listed = Array.isArray(targets) ? targets.filter(isObject) : queue === undefined ? [] : [{ queue }];
  return { id: newId(), value: own, targets: listed.map((target) => ({ id: newId(), value: target })) };
}

/** Read a configuration; one without `task_routing` is an empty one. */
export function draftOf(configuration: JsonObject): Draft {
  const { task_routing, ...rest } = configuration;
  const { filters, default_filter, ...restOfRouting } = isObject(task_routing) ? task_routing : {};
  return {
    filters: (Array.isArray(filters) ? filters : []).filter(isObject).map(filterOf),
    defaultFilter: isObject(default_filter) ? default_filter : null,
    restOfRouting,
    rest,
  };
}

export function configurationOf(draft: Draft): JsonObject {
  return {
    ...draft.rest,
    task_routing: {
      ...draft.restOfRouting,
      filters: draft.filters.map((filter) => ({ ...filter.value, targets: filter.targets.map((target) => target.value) })),
      ...(draft.defaultFilter ? { default_filter: draft.defaultFilter } : {}),
    },
  };
}

/** Set properties of an object; an empty text takes the property away. */
export function withValues(value: JsonObject, change: JsonObject): JsonObject {
  const next = { ...value };
  for (const [key, wanted] of Object.entries(change)) {
    if (wanted === "" || wanted === null) delete next[key];
    else next[key] = wanted;
  }
  return next;
}

/** Whole numbers become numbers, anything else stays as typed for the server to refuse. */
export function numberOr(text: string): Json {
  return /^\d+$/.test(text.trim()) ? Number(text.trim()) : text;
}

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  if (from === to || from < 0 || to < 0 || from >= list.length || to >= list.length) return [...list];
  const next = [...list];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

export function changedAt<T>(list: readonly T[], index: number, value: T): T[] {
  return list.map((old, position) => (position === index ? value : old));
}

export function emptyFilter(queue: string | null): Filter {
  return { id: newId(), value: { filter_friendly_name: "", expression: "" }, targets: [{ id: newId(), value: queue ? { queue } : {} }] };
}

/** What keeps the draft from being saved, by the path the server would name too. */
export function draftProblems(draft: Draft): Record<string, string> {
  const problems: Record<string, string> = {};
  draft.filters.forEach((filter, index) => {
    const path = `task_routing.filters[${index}]`;
    if (textOf(filter.value.expression).trim() === "") problems[`${path}.expression`] = "Say which tasks this filter is for.";
    if (filter.targets.length === 0) problems[`${path}.targets`] = "Add a target: without one, matching tasks have nowhere to go.";
    else if (!textOf(filter.targets[0]!.value.queue)) problems[`${path}.targets[0].queue`] = "Choose the queue of the first target.";
    filter.targets.forEach((target, place) => {
      for (const key of ["timeout", "priority"] as const) {
        const given = target.value[key];
        const number = Number(given);
        if (given !== undefined && !(Number.isInteger(number) && number >= (key === "timeout" ? 1 : 0))) {
          problems[`${path}.targets[${place}].${key}`] = key === "timeout" ? "Whole seconds, 1 or more." : "A whole number, 0 or more.";
        }
      }
    });
  });
  if (draft.defaultFilter && !textOf(draft.defaultFilter.queue)) problems["task_routing.default_filter.queue"] = "Choose the queue, or remove the default.";
  return problems;
}

/** The problem of one field; a problem of a whole card is shown at the card. */
export function problemAt(problems: Record<string, string>, path: string): string | undefined {
  return problems[path];
}

/** At which ages (seconds) tasks leave each target; null where a target has no time-out, and for those after it. */
export function leavingAges(targets: readonly Target[]): (number | null)[] {
  let age: number | null = 0;
  return targets.map(({ value }) => {
    const timeout = Number(value.timeout);
    age = age === null || !Number.isFinite(timeout) || value.timeout === undefined ? null : age + timeout;
    return age;
  });
}

/** Parse the JSON view. */
export function configurationFrom(text: string): { configuration: JsonObject } | { error: string } {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    return { error: `This is not valid JSON: ${error instanceof Error ? error.message : "it cannot be read"}` };
  }
  if (!isObject(value)) return { error: "A configuration is a JSON object." };
  if (!isObject(value.task_routing)) return { error: "The configuration has no object “task_routing”." };
  return { configuration: value };
}
