/** Taking a part of a flow out into a flow of its own, with a widget in its place that runs it. */
import type { Definition, State } from "../../api/types";
import { keysOf, linksOf, offsetOf, stateOf } from "./model";
import { freeName } from "./naming";
import { isNoteKey } from "./notes";

export type Extracted = { parent: Definition; child: Definition; count: number } | { problem: string };

/**
 * The part must be entered at one widget, and left to at most one: a subflow has one way in and one way to go on.
 * `flowSid` is what the new widget runs.
 */
export function extract(definition: Definition, selection: readonly string[], flowSid = ""): Extracted {
  const keys = selection.filter((key) => !isNoteKey(key));
  if (keys.length < 2) return { problem: "Select two widgets or more." };
  if (keys.includes(definition.initial_state)) return { problem: "The trigger cannot be part of a subflow: every flow has its own." };
  const inside = new Set(keys);
  const links = linksOf(definition);
  const entries = new Set(links.filter((link) => !inside.has(link.source) && inside.has(link.target)).map((link) => link.target));
  const exits = new Set(links.filter((link) => inside.has(link.source) && !inside.has(link.target)).map((link) => link.target));
  const [entry, ...otherEntries] = entries;
  const [exit, ...otherExits] = exits;
  if (entry === undefined) return { problem: "Nothing leads into the selection." };
  if (otherEntries.length > 0) return { problem: `The selection is entered at ${[...entries].join(" and ")}; a subflow has one beginning.` };
  if (otherExits.length > 0) return { problem: `The selection leads on to ${[...exits].join(" and ")}; a subflow goes on in one place.` };

  const all = keysOf(definition);
  const place = offsetOf(stateOf(definition, entry) as State) ?? { x: 0, y: 0 };
  const name = freeName("run_subflow", new Set(definition.states.filter((_, index) => !inside.has(all[index] as string)).map((state) => state.name)));
  const runner: State = {
    name,
    type: "run-subflow",
    transitions: [exit === undefined ? { event: "completed" } : { event: "completed", next: exit }, { event: "failed" }],
    properties: { flow_sid: flowSid, flow_revision: "LatestPublished", parameters: [], offset: place },
  };
  const kept = definition.states.filter((_, index) => !inside.has(all[index] as string));
  const parent = {
    ...definition,
    states: [...kept.map((state) => withTargets(state, (next) => (next !== undefined && inside.has(next) ? name : next))), runner],
  };
  const trigger: State = {
    name: freeName("Trigger", new Set(keys)),
    type: "trigger",
    transitions: [{ event: "incomingMessage" }, { event: "incomingCall" }, { event: "incomingConversationMessage" }, { event: "incomingRequest" }, { event: "incomingParent", next: entry }],
    properties: { offset: { x: place.x, y: place.y - 180 } },
  };
  const moved = definition.states.filter((_, index) => inside.has(all[index] as string));
  const child: Definition = {
    description: "",
    states: [trigger, ...moved.map((state) => withTargets(state, (next) => (next !== undefined && inside.has(next) ? next : undefined)))],
    initial_state: trigger.name,
    flags: { allow_concurrent_calls: true },
  };
  return { parent, child, count: keys.length };
}

function withTargets(state: State, target: (next: string | undefined) => string | undefined): State {
  return {
    ...state,
    transitions: state.transitions.map((transition) => {
      const { next, ...rest } = transition;
      const now = target(next ?? undefined);
      return (now === undefined ? rest : { ...rest, next: now }) as typeof transition;
    }),
  };
}
