/**
 * What happened to a past execution, to be done again on another definition: how it began, what the customer wrote,
 * which waits ran out, what endpoints answered, how hand-overs ended.
 */
import type { ExecutionDetail, ExecutionStep, HttpExchange, Json, JsonObject } from "../../api/types";
import { isPossible, type Action, type HttpAnswer, type Simulation, type Trigger } from "./simulation";

export type Input = { widget: string; action: Exclude<Action, { type: "begin" } | { type: "conversation" } | { type: "stop" }> };
export type Replay = {
  sid: string;
  trigger: Trigger;
  began: string;
  /** The first widget where it was not the trigger: a retried execution begins in the middle. */
  from: { widget: string; context: JsonObject } | null;
  inputs: Input[];
  /** The flow's own widgets in the order they were entered. */
  path: string[];
};

function isObject(value: Json | undefined): value is JsonObject {
  return !!value && typeof value === "object" && !Array.isArray(value);
}

function textAt(value: Json | undefined, ...path: string[]): string {
  let here: Json | undefined = value;
  for (const name of path) here = isObject(here) ? here[name] : undefined;
  return typeof here === "string" ? here : "";
}

export function replayOf(execution: ExecutionDetail): Replay {
  const steps = [...execution.steps].sort((a, b) => a.seq - b.seq);
  const [first] = steps;
  const trigger = isObject(execution.context.trigger) ? execution.context.trigger : {};
  const message = isObject(trigger.message) ? trigger.message : isObject(trigger.conversation) ? trigger.conversation : {};
  const event = execution.trigger || first?.event || "incomingMessage";
  const own = steps.filter((step) => step.parent_seq == null).map((step) => step.name);
  const waiting = execution.status === "active" && execution.current_widget ? [execution.current_widget] : [];
  return {
    sid: execution.sid,
    began: execution.date_created,
    trigger: {
      event,
      body: textAt(message, "Body"),
      from: textAt(message, "From") || textAt(execution.context.contact, "channel", "address") || execution.contact,
      to: textAt(message, "To") || textAt(execution.context.flow, "channel", "address"),
    },
    from: first && first.type !== "trigger" ? { widget: first.name, context: { trigger } } : null,
    inputs: steps.flatMap((step) => inputsOf(step, execution.http)),
    path: [...own, ...waiting.filter((name) => name !== own.at(-1))],
  };
}

function inputsOf(step: ExecutionStep, exchanges: readonly HttpExchange[]): Input[] {
  const input = (action: Input["action"]): Input[] => [{ widget: step.name, action }];
  const calls = exchanges.filter((exchange) => exchange.step_seq === step.seq);
  const last = calls.at(-1);
  if (step.event === "timeout") return input({ type: "timeout" });
  switch (step.type) {
    case "send-and-wait-for-reply":
      if (step.event === "deliveryFailure") return input({ type: "undelivered" });
      return input({ type: "say", text: repliedIn(step) });
    case "send-to-flex":
    case "enqueue-call":
      return input({ type: "handOff", done: step.event === "callComplete" });
    case "add-twiml-redirect":
      return input({ type: "return" });
    default:
      return last ? input({ type: "http", answer: answerOf(last) }) : [];
  }
}

function repliedIn({ name, changes }: ExecutionStep): string {
  const whole = textAt(changes[`widgets.${name}`], "inbound", "Body");
  return whole || textAt(changes[`widgets.${name}.inbound`], "Body") || textAt(changes, `widgets.${name}.inbound.Body`);
}

function answerOf({ status_code, response_body, error }: HttpExchange): HttpAnswer {
  return status_code === null ? { error: error || "no answer" } : { status: status_code, body: response_body ?? "" };
}

/** What of the remaining inputs happens next, as the simulation stands; null where it waits for something else. */
export function nextInput(simulation: Simulation, inputs: readonly Input[]): Input | null {
  const current = simulation.session?.current ?? "";
  const possible = inputs.filter(({ action }) => isPossible(simulation, action.type));
  const [first] = possible;
  if (!first) return null;
  // An endpoint's answer belongs to its widget; a customer goes on in the order in which they wrote.
  return first.action.type === "http" ? (possible.find(({ widget }) => widget === current) ?? first) : first;
}

/** Where two ways part: what came then and what comes now; null where they are the same as far as both go. */
export function partingOf(then: readonly string[], now: readonly string[]): { after: string | null; then: string | null; now: string | null } | null {
  const place = [...Array(Math.max(then.length, now.length)).keys()].find((index) => then[index] !== now[index]);
  if (place === undefined) return null;
  return { after: now[place - 1] ?? null, then: then[place] ?? null, now: now[place] ?? null };
}
