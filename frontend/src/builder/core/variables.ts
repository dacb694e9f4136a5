/** The variables that can exist at a widget, for completion: what it and everything before it may have left. */
import type { Definition, JsonObject } from "../../api/types";
import { reachOf } from "./edits";
import { keysOf, stateOf, textOf } from "./model";

export type Variable = {
  path: string;
  about: string;
  /** Its value in the last execution; "" where it had none. */
  sample?: string;
};

const OUTBOUND = ["outbound.Sid", "outbound.Status", "outbound.Body", "outbound.ErrorCode"];

/** What each type leaves under `widgets.NAME`; source: the widgets' reference, "Context". */
const OUTPUTS: Record<string, readonly string[]> = {
  "send-message": OUTBOUND,
  "send-and-wait-for-reply": ["inbound.Body", "inbound.From", "inbound.To", "inbound.MessageSid", "inbound.NumMedia", "inbound.MediaUrl0", "inbound.ButtonPayload", ...OUTBOUND],
  "make-http-request": ["parsed", "body", "status_code", "content_type"],
  "run-function": ["parsed", "body", "status_code", "content_type"],
  "run-function-v2": ["parsed", "body", "status_code", "content_type"],
  "send-to-flex": ["sid", "reason", "assignment_status", "attributes", "task_queue_sid", "workflow_sid"],
  "start-conversation": ["conversation.sid", "conversation.state", "webhook_sid"],
  "resume-conversation": ["conversation.sid", "conversation.state", "conversation.participants"],
  "enqueue-call": ["QueueResult", "QueueTime", "CallStatus"],
  "gather-input-on-call": ["Digits", "SpeechResult", "Confidence"],
  "connect-call-to": ["DialCallStatus", "DialCallDuration"],
  "record-voicemail": ["RecordingUrl", "RecordingDuration"],
};

const TRIGGER: Record<string, readonly string[]> = {
  incomingMessage: ["trigger.message.Body", "trigger.message.From", "trigger.message.To", "trigger.message.NumMedia", "trigger.message.MediaUrl0", "trigger.message.MessageSid"],
  incomingConversationMessage: ["trigger.conversation.Body", "trigger.conversation.Author", "trigger.conversation.ConversationSid", "trigger.conversation.ChannelAttributes"],
  incomingCall: ["trigger.call.From", "trigger.call.To", "trigger.call.CallSid"],
  incomingRequest: ["trigger.request.to", "trigger.request.from", "trigger.request.parameters"],
  incomingParent: ["trigger.parent.parameters"],
};

const ALWAYS: readonly Variable[] = [
  { path: "contact.channel.address", about: "the customer's address" },
  { path: "flow.channel.address", about: "our address" },
  { path: "flow.sid", about: "this execution" },
  { path: "flow.flow_sid", about: "this flow" },
];

/** The names a Set Variables widget sets. */
export function namesSet(properties: JsonObject): string[] {
  const list = Array.isArray(properties.variables) ? properties.variables : [];
  return list
    .map((entry) => (entry && typeof entry === "object" && !Array.isArray(entry) ? textOf(entry.key) : ""))
    .filter(Boolean);
}

/** Nearest first: what the widget just before leaves is what one mostly wants. */
export function variablesAt(definition: Definition, key: string): Variable[] {
  const before = new Set(reachOf(definition, [key], "up"));
  const order = keysOf(definition).filter((candidate) => before.has(candidate)).reverse();
  const found: Variable[] = [];
  const names = new Set<string>();
  for (const name of order) {
    const state = stateOf(definition, name);
    if (!state) continue;
    if (state.type === "trigger") {
      const connected = state.transitions.filter((transition) => transition.next).map((transition) => transition.event);
      const events = connected.length > 0 ? connected : Object.keys(TRIGGER);
      for (const path of events.flatMap((event) => TRIGGER[event] ?? [])) found.push({ path, about: "what started the flow" });
      continue;
    }
    if (state.type === "set-variables") for (const variable of namesSet(state.properties)) names.add(variable);
    for (const output of OUTPUTS[state.type] ?? []) found.push({ path: `widgets.${state.name}.${output}`, about: state.type });
  }
  const variables = [...names].map((name) => ({ path: `flow.variables.${name}`, about: "set in this flow" }));
  return [...variables, ...found, ...ALWAYS];
}
