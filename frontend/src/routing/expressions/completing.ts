/** What the expression editor offers while somebody writes. Pure. */
import type { CompletionContext, CompletionResult } from "@codemirror/autocomplete";

import type { ExpressionCheck, ExpressionKind } from "../types";

type Seen = ExpressionCheck["attributes_seen"];
export type Offer = { label: string; detail: string };

const WORKER_FIELDS = ["sid", "friendly_name", "activity_sid", "activity_name"];

/** The names an expression of this kind may use, attributes seen first. */
export function namesFor(kind: ExpressionKind, seen: Seen): Offer[] {
  const hours = seen.calendar.map((name) => ({ label: `calendar.${name}.open`, detail: "opening hours" }));
  const workers = [...seen.worker, ...WORKER_FIELDS.filter((field) => !seen.worker.includes(field))];
  switch (kind) {
    case "queue":
      return [...workers.map((label) => ({ label, detail: "worker" })), ...hours];
    case "filter":
      return [...seen.task.map((label) => ({ label, detail: "task" })), ...hours];
    case "target":
      return [
        ...seen.task.map((path) => ({ label: `task.${path}`, detail: "task" })),
        ...workers.map((path) => ({ label: `worker.${path}`, detail: "worker" })),
        ...hours,
      ];
    case "skip":
      return [
        { label: "workers.available", detail: "available workers of the queue" },
        { label: "workers.unavailable", detail: "the others of the queue" },
        ...hours,
      ];
  }
}

const OPERATORS = ["==", "!=", ">", ">=", "<", "<=", "HAS", "IN", "NOT IN", "CONTAINS", "AND", "OR"];
const TEXT_BEFORE = /(?:'[^']*|"[^"]*)$/;

/** Names anywhere outside texts; operators after a name or a value. */
export function completeExpression(offers: () => readonly Offer[]) {
  return (context: CompletionContext): CompletionResult | null => {
    const before = context.state.sliceDoc(0, context.pos);
    const closed = before.replace(/'[^']*'|"[^"]*"/g, "''");
    if (TEXT_BEFORE.test(closed.replace(/''/g, ""))) return null;
    const word = context.matchBefore(/[\w.]+/);
    if (!word && !context.explicit) return null;
    const options = offers().map(({ label, detail }, index) => ({ label, detail, type: "variable", boost: Math.max(-90, 90 - index) }));
    const words = OPERATORS.map((label) => ({ label, type: "keyword", boost: -95 }));
    return { from: word?.from ?? context.pos, options: [...options, ...words], validFor: /^[\w.]*$/ };
  };
}

/** Where in the text an error is: the offsets of its mark; `line` and `column` count from 1. */
export function markOf(text: string, line: number, column: number): { from: number; to: number } {
  const lines = text.split("\n");
  const row = Math.min(Math.max(line, 1), lines.length) - 1;
  const start = lines.slice(0, row).reduce((sum, each) => sum + each.length + 1, 0);
  const from = Math.min(start + Math.max(column, 1) - 1, text.length);
  const word = /^\w+/.exec(text.slice(from))?.[0].length ?? 1;
  // An error at the very end marks the last character: there is nothing else to underline.
  return from >= text.length ? { from: Math.max(0, text.length - 1), to: text.length } : { from, to: Math.min(from + word, text.length) };
}
