/** A worker's attributes as rows of a form: texts, numbers, switches and lists; the rest stays JSON. Pure. */
import type { Json, JsonObject } from "../../api/types";

export type AttributeKind = "text" | "number" | "switch" | "list" | "json";
export type AttributeRow = { id: number; key: string; kind: AttributeKind; text: string; list: string[]; on: boolean };

export const KINDS: { value: AttributeKind; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "switch", label: "Yes or no" },
  { value: "list", label: "List" },
  { value: "json", label: "JSON" },
];

function kindOf(value: Json): AttributeKind {
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "switch";
  return Array.isArray(value) && value.every((item) => typeof item === "string") ? "list" : "json";
}

export function rowsOf(attributes: JsonObject): AttributeRow[] {
  return Object.entries(attributes).map(([key, value], id) => ({
    id,
    key,
    kind: kindOf(value),
    text: typeof value === "string" ? value : JSON.stringify(value),
    list: Array.isArray(value) ? value.map(String) : [],
    on: value === true,
  }));
}

export function emptyRow(rows: readonly AttributeRow[]): AttributeRow {
  return { id: Math.max(-1, ...rows.map((row) => row.id)) + 1, key: "", kind: "list", text: "", list: [], on: false };
}

function valueOf(row: AttributeRow): Json {
  switch (row.kind) {
    case "text":
      return row.text;
    case "number":
      return Number(row.text);
    case "switch":
      return row.on;
    case "list":
      return row.list;
    case "json":
      return JSON.parse(row.text) as Json;
  }
}

/** The problem of each row, by its id. Names that expressions cannot refer to are said, not refused. */
export function rowProblems(rows: readonly AttributeRow[]): Record<number, string> {
  const problems: Record<number, string> = {};
  const seen = new Set<string>();
  for (const row of rows) {
    const key = row.key.trim();
    if (!key) problems[row.id] = "Give the attribute a name.";
    else if (seen.has(key)) problems[row.id] = `There is another “${key}”.`;
    else if (row.kind === "number" && (row.text.trim() === "" || !Number.isFinite(Number(row.text)))) problems[row.id] = "This is not a number.";
    else if (row.kind === "json" && !isJson(row.text)) problems[row.id] = "This is not valid JSON.";
    seen.add(key);
  }
  return problems;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Only of rows without problems. */
export function attributesOf(rows: readonly AttributeRow[]): JsonObject {
  return Object.fromEntries(rows.map((row) => [row.key.trim(), valueOf(row)]));
}

/** `skills: sales, billing · languages: de` for a list of workers. */
export function attributesText(attributes: JsonObject): string {
  return Object.entries(attributes)
    .map(([key, value]) => `${key}: ${Array.isArray(value) ? value.map((item) => (typeof item === "object" ? JSON.stringify(item) : String(item))).join(", ") : typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(" · ");
}
