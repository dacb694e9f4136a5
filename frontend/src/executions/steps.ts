/** What an execution's steps say, as values: the context at each of them, its calls, its duration. */
import type { ExecutionStep, HttpExchange, Json, JsonObject } from "../api/types";

/** Where a change lands in the context; the rest of its path is one key, dots and all. Source: the engine's session. */
const HOLDERS = [["widgets"], ["flow", "variables"], ["flow", "data"], ["flow", "channel"], ["flow"], ["trigger"]];

function isObject(value: Json | undefined): value is JsonObject {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

export function applyChanges(context: JsonObject, changes: JsonObject): JsonObject {
  const result = { ...context };
  for (const [path, value] of Object.entries(changes)) {
    const prefix = HOLDERS.find((names) => path.startsWith(`${names.join(".")}.`));
    let holder = result;
    for (const name of prefix ?? []) {
      const inner = holder[name];
      const copy = isObject(inner) ? { ...inner } : {};
      holder[name] = copy;
      holder = copy;
    }
    holder[prefix ? path.slice(prefix.join(".").length + 1) : path] = value;
  }
  return result;
}

/** What an execution knows before its first step, read off the context that it has now. */
function contextBefore(now: JsonObject): JsonObject {
  const flow = isObject(now.flow) ? now.flow : {};
  const { variables: _variables, data: _data, ...given } = flow;
  return { flow: { ...given, variables: {} }, contact: now.contact ?? {}, trigger: {}, widgets: {} };
}

/**
 * The context after each step, by its `seq`; `now` is the execution's context as it is. A step inside a
 * subflow sees the subflow's own variables and widgets.
 */
export function contextsOf(steps: readonly ExecutionStep[], now: JsonObject): Map<number, JsonObject> {
  const first = contextBefore(now);
  const contexts = new Map<number, JsonObject>();
  const latest = new Map<number | null, JsonObject>();
  for (const step of [...steps].sort((a, b) => a.seq - b.seq)) {
    const owner = step.parent_seq ?? null;
    const after = applyChanges(latest.get(owner) ?? first, step.changes);
    latest.set(owner, after);
    contexts.set(step.seq, after);
  }
  return contexts;
}

export type Value = { path: string; value: Json };
export type StepValues = { received: Value[]; sent: Value[]; set: Value[] };

const RECEIVED = /(^trigger\.)|(\.inbound(\.|$))|(^widgets\.[^.]+\.(body|parsed|status_code|content_type)(\.|$))/;
const SENT = /\.outbound(\.|$)/;

function leaves(path: string, value: Json): Value[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [{ path, value }];
  return Object.entries(value).flatMap(([name, entry]) => leaves(`${path}.${name}`, entry));
}

/** What a step's changes hold: what came in, what was sent as it was rendered, and what it set. */
export function valuesOf(changes: JsonObject): StepValues {
  const values: StepValues = { received: [], sent: [], set: [] };
  for (const leaf of Object.entries(changes).flatMap(([path, value]) => leaves(path, value))) {
    const kind = SENT.test(leaf.path) ? "sent" : RECEIVED.test(leaf.path) ? "received" : "set";
    values[kind].push(leaf);
  }
  return values;
}

/** Milliseconds that a step took; null where the server does not say when it was entered. */
export function durationOf(step: Pick<ExecutionStep, "date_entered" | "date_created">): number | null {
  if (!step.date_entered) return null;
  return Math.max(0, Date.parse(step.date_created) - Date.parse(step.date_entered));
}

/** `90000` → `1 min 30 s` */
export function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 1) return "under 1 s";
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

const CALLING = new Set(["make-http-request", "run-function", "run-function-v2"]);
/** The server tells times in whole seconds. */
const SLACK_MS = 1000;

/** Which calls each step made, by its `seq`. Calls name no step: both come in order, and a call lies within its step. */
export function exchangesOf(steps: readonly ExecutionStep[], exchanges: readonly HttpExchange[]): Map<number, HttpExchange[]> {
  const left = [...exchanges].sort((a, b) => a.ref - b.ref);
  const found = new Map<number, HttpExchange[]>();
  for (const step of [...steps].sort((a, b) => a.seq - b.seq)) {
    if (!CALLING.has(step.type)) continue;
    const place = left.findIndex((exchange) => isWithin(exchange, step));
    const [exchange] = place < 0 ? [] : left.splice(place, 1);
    if (exchange) found.set(step.seq, [exchange]);
  }
  return found;
}

function isWithin({ date_created: at }: HttpExchange, step: ExecutionStep): boolean {
  const time = Date.parse(at);
  const begin = step.date_entered ? Date.parse(step.date_entered) : Number.NEGATIVE_INFINITY;
  return time >= begin - SLACK_MS && time <= Date.parse(step.date_created) + SLACK_MS;
}

/** A text as indented JSON where it is JSON, as it is where it is not. */
export function prettyBody(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
