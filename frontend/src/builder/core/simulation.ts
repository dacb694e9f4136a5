/**
 * One simulated conversation as a value: what was said, where the flow stands, what it waits for. The engine is the
 * server's; this keeps what goes there and what came back, and writes it down as a story (docs/flows.md) to be kept.
 */
import type { Json, JsonObject } from "../../api/types";
import type { Trace } from "./trace";

/** The engine's session, sent back as it came; only what is read here is named. */
export type Session = {
  status: "active" | "ended";
  current: string | null;
  wait: { kind: string; ref: number; due_at: string | null } | null;
  context: JsonObject;
  ended: { reason: string; code: number | null; message: string } | null;
  visit: { seq: number } | null;
  frames: { widget: string; visit: { seq: number } }[];
};

export type SimulatedStep = {
  seq: number;
  event: string;
  widget_type: string;
  name: string;
  changes: JsonObject;
  transition: number | null;
  parent_seq: number | null;
};

export type Command = { type: string; ref: number } & JsonObject;
export type Warning = { code: number; message: string };
export type Answer = { session: Session; commands: Command[]; steps: SimulatedStep[]; warnings: Warning[] };

export type Trigger = { event: string; body: string; from: string; to: string };
/** `json` is kept as text: what the endpoint answers, to the letter. */
export type HttpAnswer = { status: number; body: string } | { error: string };

export type Line = { kind: "in" | "out" | "note" | "warning"; text: string };

/** A beginning in the middle: at a widget, with what is known already. */
export type From = { widget: string; context: JsonObject };

export type Simulation = {
  trigger: Trigger;
  from: From | null;
  /** Where the virtual clock stood at the beginning, and stands now; ISO 8601 in UTC. */
  began: string;
  now: string;
  session: Session | null;
  /** The command that the flow waits to have answered. */
  asks: Command | null;
  lines: readonly Line[];
  steps: readonly SimulatedStep[];
  warnings: readonly Warning[];
  sent: readonly Json[];
  messageRef: number | null;
  storySteps: readonly JsonObject[];
  http: Readonly<Record<string, HttpAnswer[]>>;
  /** Variables were changed by hand, which no story can do. */
  tampered: boolean;
};

export type Action =
  | { type: "begin" }
  | { type: "say"; text: string }
  | { type: "timeout" }
  | { type: "undelivered" }
  | { type: "http"; answer: HttpAnswer }
  | { type: "conversation" }
  | { type: "handOff"; done: boolean }
  | { type: "return" }
  | { type: "stop" };

/** What the engine's story player gives a hand-over that ends well, so that a kept test sees the same. */
const HAND_OFF_OUTPUTS = { sid: `WT${"1".repeat(32)}` };
const CONVERSATION_OUTPUTS = { conversation: { sid: `CH${"1".repeat(32)}`, state: "active" } };
const ASKING = new Set(["call_http", "hand_off", "redirect", "start_conversation", "resume_conversation"]);

export function startSimulation(trigger: Trigger, now: Date, from: From | null = null): Simulation {
  const began = isoSeconds(now.getTime());
  const lines: Line[] = from ? [{ kind: "note", text: `Begins at ${from.widget}` }] : trigger.event === "incomingRequest" ? [{ kind: "note", text: "Started by a request" }] : [{ kind: "in", text: trigger.body }];
  return {
    trigger, from, began, now: began, session: null, asks: null, lines, steps: [], warnings: [], sent: [], messageRef: null, storySteps: [], http: {}, tampered: false,
  };
}

function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, "Z");
}

/** Whether an action can be taken as things stand. */
export function isPossible({ session, asks, messageRef }: Simulation, action: Action["type"]): boolean {
  if (action === "begin") return session === null;
  if (session?.status !== "active") return false;
  const { wait } = session;
  switch (action) {
    case "say":
      return wait?.kind === "reply";
    case "timeout":
      return Boolean(wait?.due_at);
    case "undelivered":
      return wait?.kind === "reply" && messageRef !== null;
    case "http":
      return asks?.type === "call_http";
    case "conversation":
      return asks?.type === "start_conversation" || asks?.type === "resume_conversation";
    case "handOff":
      return wait?.kind === "handoff";
    case "return":
      return wait?.kind === "redirect";
    case "stop":
      return true;
  }
}

/** The event that tells the engine of an action; `before` is the simulation as it was before it. */
export function eventOf(before: Simulation, action: Action): JsonObject {
  const { trigger, session } = before;
  const ref = session?.wait?.ref ?? 0;
  switch (action.type) {
    case "begin": {
      if (trigger.event === "incomingRequest") {
        return { type: "trigger_fired", kind: trigger.event, payload: { from: trigger.from, to: trigger.to, parameters: {} } };
      }
      return { type: "trigger_fired", kind: trigger.event, payload: messageOf(trigger, trigger.body) };
    }
    case "say":
      return { type: "reply_received", payload: messageOf(trigger, action.text) };
    case "timeout":
      return { type: "timer_fired", ref };
    case "undelivered":
      return { type: "delivery_failed", message_ref: before.messageRef ?? 0, error_code: 30003, error_message: "Unreachable" };
    case "http":
      return "error" in action.answer
        ? { type: "http_failed", ref, reason: action.answer.error }
        : { type: "http_answered", ref, status_code: action.answer.status, content_type: contentType(action.answer.body), body: action.answer.body, headers: {} };
    case "conversation":
      return { type: "conversation_started", ref, outputs: CONVERSATION_OUTPUTS };
    case "handOff":
      return action.done ? { type: "hand_off_completed", ref, outputs: HAND_OFF_OUTPUTS } : { type: "hand_off_failed", ref, reason: "failedToEnqueue" };
    case "return":
      return { type: "redirect_returned", ref, parameters: {} };
    case "stop":
      return { type: "stopped" };
  }
}

function messageOf({ from, to }: Trigger, body: string): JsonObject {
  return { Body: body, From: from, To: to, NumMedia: "0" };
}

function contentType(body: string): string {
  return jsonOf(body) === undefined ? "text/plain" : "application/json";
}

function jsonOf(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The simulation after an action, before the engine has answered it. */
export function act(before: Simulation, action: Action): Simulation {
  const widget = before.session?.current ?? "";
  const line = (kind: Line["kind"], text: string) => ({ lines: [...before.lines, { kind, text }] });
  const story = (step: JsonObject) => ({ storySteps: [...before.storySteps, step] });
  switch (action.type) {
    case "begin":
      return before;
    case "say":
      return { ...before, ...line("in", action.text), ...story({ in: action.text }), now: isoSeconds(Date.parse(before.now) + 1000) };
    case "timeout": {
      const due = Date.parse(before.session?.wait?.due_at ?? before.now);
      return { ...before, ...line("note", `Time runs out at ${widget}`), ...story({ timeout: widget }), now: isoSeconds(Math.max(Date.parse(before.now), due)) };
    }
    case "undelivered":
      return { ...before, ...line("note", "The message did not arrive"), ...story({ undelivered: widget }) };
    case "http": {
      const text = "error" in action.answer ? `No answer: ${action.answer.error}` : `The endpoint answers ${action.answer.status}`;
      return { ...before, ...line("note", text), http: { ...before.http, [widget]: [...(before.http[widget] ?? []), action.answer] } };
    }
    case "conversation":
      return { ...before, ...line("note", "A conversation is there") };
    case "handOff":
      return { ...before, ...line("note", action.done ? "The agents are done" : "Nobody could be asked"), ...story({ flex: action.done ? "callComplete" : "failedToEnqueue" }) };
    case "return":
      return { ...before, ...line("note", "The redirect comes back"), ...story({ return: {} }) };
    case "stop":
      return { ...before, ...line("note", "Stopped by hand"), ...story({ stop: true }) };
  }
}

/** The simulation with what the engine made of an event. */
export function answered(before: Simulation, { session, commands, steps, warnings }: Answer): Simulation {
  const lines: Line[] = [];
  const sent: Json[] = [];
  let { messageRef } = before;
  for (const command of commands) {
    if (command.type === "send_message") {
      const shown = command.content_sid ? { content_sid: command.content_sid } : (command.body ?? "");
      sent.push(shown);
      messageRef = command.ref;
      const media = command.media_url ? ` [${String(command.media_url)}]` : "";
      lines.push({ kind: "out", text: (typeof shown === "string" ? shown : `Template ${String(command.content_sid)}`) + media });
    }
    if (command.type === "call_http") lines.push({ kind: "note", text: `Calls ${String(command.method)} ${String(command.url)}` });
    if (command.type === "hand_off") lines.push({ kind: "note", text: "Handed to agents" });
    if (command.type === "redirect") lines.push({ kind: "note", text: `Redirects to ${String(command.url)}` });
  }
  lines.push(...warnings.map((warning): Line => ({ kind: "warning", text: `${warning.code}: ${warning.message}` })));
  if (session.status === "ended") lines.push({ kind: "note", text: endText(session) });
  const ref = session.wait?.ref;
  const asked = [...commands].reverse().find((command) => ASKING.has(command.type) && command.ref === ref);
  return {
    ...before,
    session,
    // A message that comes in meanwhile answers nothing: the same question stands.
    asks: asked ?? (before.asks?.ref === ref ? before.asks : null),
    lines: [...before.lines, ...lines],
    steps: [...before.steps, ...steps],
    warnings: [...before.warnings, ...warnings],
    sent: [...before.sent, ...sent],
    messageRef,
  };
}

function endText({ ended }: Session): string {
  if (!ended || ended.reason === "completed") return "The flow has ended";
  return `The flow has ended: ${ended.message || ended.reason.replaceAll("_", " ")}`;
}

/** What can be answered without asking: conversations, and calls whose answer is remembered by widget. */
export function answerByItself(simulation: Simulation, remembered: Readonly<Record<string, HttpAnswer>>): Action | null {
  if (isPossible(simulation, "conversation")) return { type: "conversation" };
  const answer = isPossible(simulation, "http") ? remembered[simulation.session?.current ?? ""] : undefined;
  return answer ? { type: "http", answer } : null;
}

/** One variable set by hand, where the flow itself (no subflow) is waiting. */
export function setVariable(before: Simulation, name: string, value: string): Simulation {
  const { session } = before;
  if (!session || session.status !== "active" || session.frames.length > 0) return before;
  const flow = (session.context.flow ?? {}) as JsonObject;
  const variables = { ...(flow.variables as JsonObject | undefined), [name]: value };
  return { ...before, tampered: true, session: { ...session, context: { ...session.context, flow: { ...flow, variables } } } };
}

/** The flow's own widget where it stands; a subflow's widgets are not on this canvas. */
export function currentWidget({ session }: Simulation): string | null {
  if (session?.status !== "active") return null;
  return session.frames[0]?.widget ?? session.current;
}

/** The flow's own widgets in the order they were entered. */
export function pathOf(simulation: Simulation): string[] {
  const entered = simulation.steps.filter((step) => step.parent_seq === null).map((step): [number, string] => [step.seq, step.name]);
  const { session } = simulation;
  const current = currentWidget(simulation);
  const visit = session?.frames[0]?.visit ?? session?.visit;
  if (current !== null && visit) entered.push([visit.seq, current]);
  return entered.sort((a, b) => a[0] - b[0]).map(([, name]) => name);
}

export function pathTrace(simulation: Simulation): Trace {
  const own = simulation.steps.filter((step) => step.parent_seq === null && step.transition !== null);
  const path = pathOf(simulation);
  return {
    kind: "path",
    widgets: new Set(path),
    links: new Set(own.map((step) => `${step.name}/t${step.transition}`)),
    current: currentWidget(simulation) ?? path.at(-1) ?? null,
  };
}

/** As stories name it: `ended`, `ended:stopped`, `waiting:ask`, `flex:agent`. */
export function outcomeOf({ session }: Simulation): string {
  if (!session) return "";
  if (session.status === "ended") return !session.ended || session.ended.reason === "completed" ? "ended" : `ended:${session.ended.reason}`;
  return session.wait?.kind === "handoff" ? `flex:${session.current}` : `waiting:${session.current}`;
}

export function variablesOf({ session }: Simulation): JsonObject {
  const flow = session?.context.flow;
  const variables = flow && typeof flow === "object" && !Array.isArray(flow) ? flow.variables : null;
  return variables && typeof variables === "object" && !Array.isArray(variables) ? variables : {};
}

export const CHECKS = ["sent", "path", "outcome", "variables"] as const;
export type Check = (typeof CHECKS)[number];

/** The conversation as a story that expects what has just happened, as far as `checks` say. */
export function storyOf(simulation: Simulation, checks: readonly Check[] = CHECKS): JsonObject {
  const { event, body, from, to } = simulation.trigger;
  const expected: Record<Check, Json> = {
    sent: [...simulation.sent],
    path: pathOf(simulation),
    outcome: outcomeOf(simulation),
    variables: variablesOf(simulation),
  };
  const http = Object.fromEntries(Object.entries(simulation.http).map(([widget, answers]) => [widget, answers.map(storedAnswer)]));
  const subflows = subflowsOf(simulation);
  return {
    trigger: { event, from, to, ...(event === "incomingRequest" ? {} : { body }) },
    now: simulation.began,
    steps: [...simulation.storySteps],
    ...(Object.keys(http).length > 0 ? { http } : {}),
    ...(Object.keys(subflows).length > 0 ? { subflows } : {}),
    expect: Object.fromEntries(CHECKS.filter((check) => checks.includes(check)).map((check) => [check, expected[check]])),
  };
}

function storedAnswer(answer: HttpAnswer): JsonObject {
  if ("error" in answer) return { error: answer.error };
  const json = jsonOf(answer.body);
  return json === undefined ? { status: answer.status, body: answer.body } : { status: answer.status, json };
}

function subflowsOf({ steps }: Simulation): JsonObject {
  const subflows: JsonObject = {};
  for (const step of steps) {
    if (step.parent_seq === null && step.widget_type === "run-subflow") subflows[step.name] = { event: step.event };
  }
  return subflows;
}
