/** Other people (or tabs) that have this flow open, by what they say of themselves. */

export type Other = { editor: string; userSid: string; name: string; widgets: readonly string[]; heardAt: number };

/** A tab says where it is every 15 seconds; one that was silent for longer than two of them is gone. */
export const SILENT_MS = 40_000;

export type Event =
  | { type: "editor"; editor: string; user_sid: string; name: string; widgets: string[] }
  | { type: "left"; editor: string };

export function hear(others: readonly Other[], event: Event, now: number): readonly Other[] {
  const rest = others.filter((other) => other.editor !== event.editor);
  if (event.type === "left") return rest.length === others.length ? others : rest;
  const said: Other = { editor: event.editor, userSid: event.user_sid, name: event.name, widgets: event.widgets, heardAt: now };
  return [...rest, said].sort((a, b) => (a.editor < b.editor ? -1 : 1));
}

export function withoutSilent(others: readonly Other[], now: number): readonly Other[] {
  const left = others.filter((other) => now - other.heardAt < SILENT_MS);
  return left.length === others.length ? others : left;
}

const NOBODY: ReadonlyMap<string, readonly Other[]> = new Map();

export function othersByWidget(others: readonly Other[]): ReadonlyMap<string, readonly Other[]> {
  if (others.every((other) => other.widgets.length === 0)) return NOBODY;
  const found = new Map<string, Other[]>();
  for (const other of others) for (const widget of other.widgets) found.set(widget, [...(found.get(widget) ?? []), other]);
  return found;
}

const COLOURS = ["grape", "blue", "orange", "teal", "pink", "indigo"];

/** The colour somebody has, the same in every browser. */
export function colourOf(userSid: string): string {
  let sum = 0;
  for (const letter of userSid) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  return COLOURS[sum % COLOURS.length] as string;
}

export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/).filter(Boolean);
  return ((words[0]?.[0] ?? "?") + (words.length > 1 ? (words.at(-1)?.[0] ?? "") : "")).toUpperCase();
}
