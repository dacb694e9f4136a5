import type { Json } from "../api/types";

export function valueText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A warning as the server stores it: a text, or an object with a code and a message. */
export function warningText(warning: Json): string {
  if (warning && typeof warning === "object" && !Array.isArray(warning)) {
    const code = typeof warning.code === "number" || typeof warning.code === "string" ? `${warning.code}: ` : "";
    return typeof warning.message === "string" ? `${code}${warning.message}` : JSON.stringify(warning);
  }
  return valueText(warning);
}
