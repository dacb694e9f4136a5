/** Sample values of variables, read from what the last execution knew. */
import type { Json, JsonObject } from "../../api/types";
import type { Variable } from "./variables";

const DEEPEST = 6;
const MOST = 150;

function isObject(value: Json | undefined): value is JsonObject {
  return !!value && typeof value === "object" && !Array.isArray(value);
}

/** A dotted path's value; undefined where there is none. */
export function valueAt(context: JsonObject, path: string): Json | undefined {
  let here: Json | undefined = context;
  for (const name of path.split(".")) {
    if (isObject(here)) here = here[name];
    else if (Array.isArray(here) && /^\d+$/.test(name)) here = here[Number(name)];
    else return undefined;
  }
  return here;
}

/** A value as one short line. */
export function sampleText(value: Json | undefined): string {
  if (value === undefined || value === null || value === "") return "";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const flat = text.replace(/\s+/g, " ");
  return flat.length > 48 ? `${flat.slice(0, 47)}…` : flat;
}

/** The variables with their sample values, and what the sample holds below them (`parsed.order.total`). */
export function withSamples(variables: readonly Variable[], context: JsonObject | null): Variable[] {
  if (!context) return [...variables];
  const known = new Set(variables.map((variable) => variable.path));
  const found: Variable[] = [];
  for (const variable of variables) {
    const value = valueAt(context, variable.path);
    found.push({ ...variable, sample: sampleText(value) });
    for (const path of below(variable.path, value, 1)) {
      if (known.has(path) || found.length > MOST) continue;
      known.add(path);
      found.push({ path, about: "seen in the last execution", sample: sampleText(valueAt(context, path)) });
    }
  }
  return found;
}

function below(path: string, value: Json | undefined, depth: number): string[] {
  if (!isObject(value) || depth > DEEPEST) return [];
  return Object.keys(value)
    .filter((name) => /^[\w-]+$/.test(name))
    .flatMap((name) => [`${path}.${name}`, ...below(`${path}.${name}`, value[name], depth + 1)]);
}
