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

/** A day (`2026-01-31`) of the browser's calendar as the moment it begins, or the one `later` days on; null where it is none. */
export function dayStart(day: string | null, later = 0): string | null {
  const [year, month, date] = (day ?? "").split("-").map(Number);
  if (!year || !month || !date) return null;
  return new Date(year, month - 1, date + later).toISOString().replace(/\.\d{3}Z$/, "Z");
}
