/** What is painted over the flow: the way an execution took, or what its tests have covered. */
import type { Definition, ExecutionStep } from "../../api/types";
import { keysOf, linksOf, type Link } from "./model";

export type Trace = {
  kind: "path" | "coverage" | "diff";
  widgets: ReadonlySet<string>;
  /** Ids of links, as `linksOf` makes them. */
  links: ReadonlySet<string>;
  /** Where it stands now, or the step that is looked at. */
  current: string | null;
  /** Of a difference: the mark of each widget and link. */
  marks?: ReadonlyMap<string, string>;
  /** Links that are not there any more, drawn all the same. */
  lost?: readonly Link[];
};

export type Coverage = {
  widgets: { visited: number; total: number; missed: string[] };
  /** `missed`: widget, position of the transition, its event. */
  transitions: { visited: number; total: number; missed: [string, number, string][] };
};

/** How a widget or link is drawn under a trace; empty where there is none. */
export function markOf(trace: Trace | null, part: { widget: string } | { link: string }): string {
  if (!trace) return "";
  if (trace.marks) return trace.marks.get("widget" in part ? part.widget : part.link) ?? "";
  if ("widget" in part && part.widget === trace.current) return "trace--current";
  const seen = "widget" in part ? trace.widgets.has(part.widget) : trace.links.has(part.link);
  if (seen) return "trace--seen";
  return trace.kind === "coverage" ? "trace--missed" : "trace--apart";
}

export function coverageTrace(definition: Definition, { widgets, transitions }: Coverage): Trace {
  const missedWidgets = new Set(widgets.missed);
  const missedLinks = new Set(transitions.missed.map(([widget, index]) => `${widget}/t${index}`));
  return {
    kind: "coverage",
    widgets: new Set(keysOf(definition).filter((key) => !missedWidgets.has(key))),
    links: new Set(linksOf(definition).map((link) => link.id).filter((id) => !missedLinks.has(id))),
    current: null,
  };
}

/**
 * The way of a past execution up to and with the step at `upTo`. Steps name their exit by its event only: of
 * several exits of one event it is the one that leads where the step went.
 */
export function executionTrace(definition: Definition, steps: readonly ExecutionStep[], upTo: number): Trace {
  const taken = steps.slice(0, upTo + 1);
  const links = new Set<string>();
  for (const step of taken) {
    const link = linksOf(definition).find(({ source, target, exit }) => source === step.name && target === step.transitioned_to && eventAt(definition, source, exit) === step.event);
    if (link) links.add(link.id);
  }
  return { kind: "path", widgets: new Set(taken.map((step) => step.name)), links, current: taken.at(-1)?.name ?? null };
}

function eventAt(definition: Definition, key: string, exit: string): string | undefined {
  const state = definition.states[keysOf(definition).indexOf(key)];
  return state?.transitions[Number(exit.slice(1))]?.event;
}
