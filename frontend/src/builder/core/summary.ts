/** What a widget does, in a few lines for its card; what an exit means, in words. */
import type { JsonObject, State, Transition } from "../../api/types";
import { conditionsOf, textOf, type Catalogue, type Condition, type Exit } from "./model";

export type SummaryRow = { text: string; style: "speech" | "code" | "plain"; wrap: boolean };
export type Summary = { rows: SummaryRow[] };

const speech = (text: string): SummaryRow[] => (text.trim() ? [{ text: text.trim(), style: "speech", wrap: true }] : []);
const code = (text: string): SummaryRow[] => (text.trim() ? [{ text: text.trim(), style: "code", wrap: false }] : []);
const plain = (text: string): SummaryRow[] => (text.trim() ? [{ text: text.trim(), style: "plain", wrap: false }] : []);

function pairs(properties: JsonObject, name: string): SummaryRow[] {
  const list = Array.isArray(properties[name]) ? properties[name] : [];
  const rows = list
    .filter((entry): entry is JsonObject => !!entry && typeof entry === "object" && !Array.isArray(entry))
    .map((entry) => `${textOf(entry.key) || textOf(entry.variable)} = ${textOf(entry.value)}`);
  const shown = rows.slice(0, rows.length > 3 ? 2 : 3).flatMap(code);
  return rows.length > 3 ? [...shown, ...plain(`and ${rows.length - 2} more`)] : shown;
}

/** `90` → `1 min 30 s`; a template stays as it is. */
export function durationText(seconds: string): string {
  if (!/^\d+$/.test(seconds)) return seconds;
  const total = Number(seconds);
  const parts: string[] = [];
  const units: [number, string][] = [[86_400, "d"], [3_600, "h"], [60, "min"], [1, "s"]];
  let rest = total;
  for (const [size, unit] of units) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest %= size;
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}

function message(properties: JsonObject): SummaryRow[] {
  if (properties.message_type === "content_template") return code(`template ${textOf(properties.content_sid)}`);
  const media = textOf(properties.media_url);
  return [...speech(textOf(properties.body)), ...(media ? code(`+ ${media}`) : [])];
}

function request(properties: JsonObject): SummaryRow[] {
  return code(`${textOf(properties.method) || "GET"} ${textOf(properties.url)}`);
}

function functionName(properties: JsonObject): SummaryRow[] {
  const url = textOf(properties.url);
  return code(url ? url.replace(/^https?:\/\/[^/]+/, "") || url : textOf(properties.function_sid));
}

/** Friendly names of SIDs, for those who cannot read SIDs. */
export type Names = ReadonlyMap<string, string>;

const WRITERS: Record<string, (properties: JsonObject, names: Names) => SummaryRow[]> = {
  "send-message": message,
  "send-and-wait-for-reply": message,
  "split-based-on": (properties) => code(textOf(properties.input)),
  "set-variables": (properties) => pairs(properties, "variables"),
  "make-http-request": request,
  "run-function": functionName,
  "run-function-v2": functionName,
  "run-subflow": (properties, names) => {
    const sid = textOf(properties.flow_sid);
    return names.has(sid) ? plain(names.get(sid) as string) : code(sid);
  },
  "send-to-flex": (properties, names) => {
    const workflow = textOf(properties.workflow);
    const attributes = textOf(properties.attributes).replace(/\s+/g, " ").trim();
    return [
      ...plain(workflow && `to ${names.get(workflow) ?? workflow}`),
      ...(attributes === "{}" ? [] : code(attributes)),
    ];
  },
  "enqueue-call": (properties) => plain(textOf(properties.queue_name) || textOf(properties.workflow_sid)),
  "say-play": (properties) => (textOf(properties.say) ? speech(textOf(properties.say)) : code(textOf(properties.play))),
  "gather-input-on-call": (properties) =>
    textOf(properties.say) ? speech(textOf(properties.say)) : code(textOf(properties.play)),
  "connect-call-to": (properties) => code(`${textOf(properties.noun)} ${textOf(properties.to) || textOf(properties.sip_endpoint)}`),
  "add-twiml-redirect": (properties) => code(textOf(properties.url)),
  "start-conversation": (properties) => speech(textOf(properties.body)),
};

/** Properties that say most about a widget whose type we have no sentence for. */
const TELLING = ["body", "say", "message", "url", "to", "flow_sid", "queue_name", "name"];

const NO_NAMES: Names = new Map();

/** The number and kind of rows do not depend on `names`. */
export function summaryOf(state: State, names: Names = NO_NAMES): Summary {
  const writer = WRITERS[state.type];
  if (writer) return { rows: writer(state.properties, names) };
  const telling = TELLING.map((name) => textOf(state.properties[name])).find((text) => text.trim());
  return { rows: state.type === "trigger" || !telling ? [] : speech(telling) };
}

/** Condition types: how they read, and whether they compare with a value. */
export const CONDITION_TYPES: readonly { type: string; label: string; short: string; takesValue: boolean; hint?: string }[] = [
  { type: "equal_to", label: "Equal to", short: "=", takesValue: true },
  { type: "not_equal_to", label: "Not equal to", short: "≠", takesValue: true },
  { type: "matches_any_of", label: "Matches any of", short: "any of", takesValue: true, hint: "Separate with commas" },
  { type: "does_not_match_any_of", label: "Matches none of", short: "none of", takesValue: true, hint: "Separate with commas" },
  { type: "is_blank", label: "Is blank", short: "is blank", takesValue: false },
  { type: "is_not_blank", label: "Is not blank", short: "is not blank", takesValue: false },
  { type: "regex", label: "Matches the pattern", short: "matches", takesValue: true, hint: "Matches the whole text; .*word.* finds a word" },
  { type: "contains", label: "Contains", short: "contains", takesValue: true },
  { type: "does_not_contain", label: "Does not contain", short: "lacks", takesValue: true },
  { type: "starts_with", label: "Starts with", short: "starts with", takesValue: true },
  { type: "does_not_start_with", label: "Does not start with", short: "does not start with", takesValue: true },
  { type: "less_than", label: "Less than", short: "<", takesValue: true, hint: "Compares numbers" },
  { type: "greater_than", label: "Greater than", short: ">", takesValue: true, hint: "Compares numbers" },
  { type: "is_before_time", label: "Is before the time", short: "before", takesValue: true, hint: "HH:MM, 24 hours" },
  { type: "is_after_time", label: "Is after the time", short: "after", takesValue: true, hint: "HH:MM, 24 hours" },
  { type: "is_before_date", label: "Is before the date", short: "before", takesValue: true, hint: "YYYY-MM-DD" },
  { type: "is_after_date", label: "Is after the date", short: "after", takesValue: true, hint: "YYYY-MM-DD" },
];

const CONDITIONS = new Map(CONDITION_TYPES.map((entry) => [entry.type, entry]));

export function conditionText(condition: Condition): string {
  const known = CONDITIONS.get(condition.type);
  const short = known?.short ?? textOf(condition.type).replaceAll("_", " ");
  return known?.takesValue === false ? short : `${short} ${textOf(condition.value)}`.trim();
}

/** A condition's own name, unless it is the one Studio makes up ("If value equal_to 1"). */
function ownName(condition: Condition): string | null {
  const name = textOf(condition.friendly_name).trim();
  return name && !/^if value\b/i.test(name) ? name : null;
}

const LABELS: Record<string, string> = {
  incomingMessage: "Incoming message",
  incomingCall: "Incoming call",
  incomingConversationMessage: "Incoming conversation",
  incomingRequest: "REST API",
  incomingParent: "Subflow",
  noMatch: "No match",
  deliveryFailure: "Delivery fails",
  failed: "Failed",
  timeout: "No reply",
};

/** `audioComplete` → `Audio complete` */
export function humanise(event: string): string {
  const words = event.replace(/([a-z])([A-Z])/g, "$1 $2").replaceAll("_", " ").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export type ExitLabel = { title: string; detail: string };

/** What an exit is called on its card (`title`), and all there is to say about it (`detail`). */
export function exitLabel(state: State, exit: Exit, catalogue: Catalogue): ExitLabel {
  const transition: Transition | undefined = exit.index === null ? undefined : state.transitions[exit.index];
  const conditions = conditionsOf(transition);
  if (exit.event === "match" && conditions.length > 0) {
    const words = conditions.map(conditionText).join(" or ");
    const name = conditions.map(ownName).find(Boolean);
    return { title: name ?? words, detail: name ? `${name}: ${words}` : words };
  }
  const offered = catalogue.get(state.type)?.transitions.find((entry) => entry.event === exit.event);
  const title = offered?.label || LABELS[exit.event] || humanise(exit.event);
  return { title, detail: title };
}
