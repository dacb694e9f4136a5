/** Filling in what an imported flow holds in the place of another account's values. */
import type { Definition, ImportReport, Json, Options } from "../api/types";

type Found = ImportReport["placeholders"][number];

/** One placeholder text, with everywhere it stands. */
export type Blank = { text: string; places: { widget: string; path: string }[] };

/** Each distinct placeholder once, in the order of the flow. */
export function blanksOf(placeholders: readonly Found[]): Blank[] {
  const blanks = new Map<string, Blank>();
  for (const { text, widget, path } of placeholders) {
    const blank = blanks.get(text) ?? { text, places: [] };
    if (!blank.places.some((place) => place.path === path)) blank.places.push({ widget, path });
    blanks.set(text, blank);
  }
  return [...blanks.values()];
}

export type Choice = { value: string; label: string };

/** What may be chosen for a blank that stands for something of this account; null where any text may do. */
export function choicesFor(blank: Blank, options: Options): Choice[] | null {
  const [property, ...others] = [...new Set(blank.places.map(({ path }) => /\/properties\/([^/]+)$/.exec(path)?.[1] ?? ""))];
  if (others.length > 0) return null;
  if (property === "workflow") return options.workflows.map((entry) => ({ value: entry.sid, label: entry.friendly_name }));
  if (property === "flow_sid") return options.flows.map((entry) => ({ value: entry.sid, label: entry.friendly_name }));
  if (property === "channel") return options.task_channels.map((entry) => ({ value: entry.sid, label: entry.friendly_name }));
  return null;
}

/** What a place is called where no form names it. */
const PARTS: Readonly<Record<string, string>> = { transitions: "exit", conditions: "condition", properties: "" };

/** `#/states/3/properties/media_url` at widget ask → `ask: media url`; in lists with their number, `ask: parameters 2, value`. */
export function placeText({ widget, path }: Blank["places"][number]): string {
  const said: string[] = [];
  for (const part of path.split("/").slice(widget ? 3 : 1)) {
    if (/^\d+$/.test(part) && said.length > 0) said.push(`${said.pop() ?? ""} ${Number(part) + 1}`);
    else said.push((PARTS[part] ?? part).replaceAll("_", " "));
  }
  const where = said.filter(Boolean).join(", ");
  return widget ? `${widget}: ${where}` : where;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/** The definition with each blank that has a value replaced everywhere, in one pass: a value is never filled in itself. */
export function filledIn(definition: Definition, values: Readonly<Record<string, string>>): Definition {
  const texts = Object.keys(values).filter((text) => values[text]?.trim());
  if (texts.length === 0) return definition;
  // The longest first, and whole words only: YOUR_KEY is no part of YOUR_KEY_2.
  const parts = [...texts].sort((a, b) => b.length - a.length).map((text) => escaped(text) + (/\w$/.test(text) ? "(?!\\w)" : ""));
  const pattern = new RegExp(parts.join("|"), "g");
  return fill(definition as Json, (text) => text.replace(pattern, (found) => (values[found] as string).trim())) as Definition;
}

function fill(value: Json, change: (text: string) => string): Json {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((entry) => fill(entry, change));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, fill(entry, change)]));
}
