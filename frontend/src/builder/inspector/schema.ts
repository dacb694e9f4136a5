/** Reading a widget's property schema for the form: which control, which choices, what is wrong. */
import type { Json, JsonObject, State } from "../../api/types";

export type FieldSpec = {
  name: string;
  title: string;
  description: string;
  control: string;
  required: boolean;
  choices: string[];
  defaultText: string;
  example: string;
  /** Rarely changed: folded away while it has its default. */
  secondary: boolean;
};

function isObject(value: Json | undefined): value is JsonObject {
  return !!value && typeof value === "object" && !Array.isArray(value);
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}

function choicesOf(schema: JsonObject): string[] {
  const own = strings(schema.enum);
  if (own.length > 0) return own;
  if (Array.isArray(schema["x-options"])) return strings(schema["x-options"]);
  const branches = Array.isArray(schema.anyOf) ? schema.anyOf : [];
  return branches.flatMap((branch) => (isObject(branch) ? strings(branch.enum) : []));
}

function guessControl(schema: JsonObject): string {
  if (choicesOf(schema).length > 0) return "select";
  const types = typeof schema.type === "string" ? [schema.type] : strings(schema.type);
  if (types.includes("string")) return "liquid";
  if (types.includes("boolean")) return "switch";
  if (types.includes("integer") || types.includes("number")) return "number";
  return "raw";
}

/** Properties required in the case the state is in (`if`/`then`/`else` on one constant). */
function requiredOf(schema: JsonObject, properties: JsonObject): Set<string> {
  const required = new Set(strings(schema.required));
  if (isObject(schema.if) && isObject(schema.if.properties)) {
    const holds = Object.entries(schema.if.properties).every(
      ([name, rule]) => isObject(rule) && "const" in rule && properties[name] === rule.const,
    );
    const branch = holds ? schema.then : schema.else;
    if (isObject(branch)) for (const name of strings(branch.required)) required.add(name);
  }
  return required;
}

/** Shown only while another property has a value. Everything else is always shown. */
const ONLY_WHEN: Record<string, [string, (value: Json | undefined) => boolean]> = {
  content_sid: ["message_type", (value) => value === "content_template"],
  content_variables: ["message_type", (value) => value === "content_template"],
};
const NOT_WHEN: Record<string, [string, Json]> = { body: ["message_type", "content_template"] };

const SECONDARY = new Set(["service", "channel", "attributes", "shorten_urls", "from", "to", "message_type", "waitUrl", "waitUrlMethod", "add_twilio_auth"]);

/** The fields of a form in the schema's order. */
export function fieldsOf(schema: JsonObject, state: State): FieldSpec[] {
  if (!isObject(schema.properties)) return [];
  const required = requiredOf(schema, state.properties);
  return Object.entries(schema.properties).flatMap(([name, sub]) => {
    if (!isObject(sub) || name === "offset") return [];
    const control = typeof sub["x-control"] === "string" ? sub["x-control"] : guessControl(sub);
    if (control === "hidden") return [];
    const only = ONLY_WHEN[name];
    if (only && schema.properties && only[0] in (schema.properties as JsonObject) && !only[1](state.properties[only[0]])) return [];
    const not = NOT_WHEN[name];
    if (not && state.properties[not[0]] === not[1]) return [];
    const example = Array.isArray(sub.examples) ? sub.examples[0] : undefined;
    return [
      {
        name,
        title: typeof sub.title === "string" ? sub.title : name,
        description: typeof sub.description === "string" ? sub.description : "",
        control,
        required: required.has(name),
        choices: choicesOf(sub),
        defaultText: typeof sub.default === "string" || typeof sub.default === "number" ? String(sub.default) : "",
        example: typeof example === "string" ? example : "",
        // `channel` of a hand-over is its task channel: as important as anything there.
        secondary: SECONDARY.has(name) && control !== "task-channel" && !(name === "attributes" && state.type === "send-to-flex"),
      },
    ];
  });
}

/** Properties of a state its schema does not know: shown, kept, editable as JSON. */
export function unknownProperties(schema: JsonObject, state: State): string[] {
  const known = isObject(schema.properties) ? schema.properties : {};
  return Object.keys(state.properties).filter((name) => !(name in known) && name !== "offset");
}

/** What is wrong with a JSON text that may hold templates; null when it can be right. */
export function jsonProblem(text: string): string | null {
  if (!text.trim() || /\{%/.test(text)) return null;
  const plain = text.replace(/\{\{[\s\S]*?\}\}/g, "0");
  try {
    JSON.parse(plain);
    return null;
  } catch (error) {
    return `Not valid JSON: ${error instanceof Error ? error.message : "it cannot be read"}`;
  }
}

/** A choice as people read it: `content_template` → `Content template`; technical ones stay. */
export function choiceLabel(choice: string): string {
  if (choice === "LatestPublished") return "Newest published revision";
  if (choice === "LatestDraft") return "Newest draft (test users)";
  if (!/^[a-z_]+$/.test(choice)) return choice;
  const words = choice.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
