import { CompletionContext } from "@codemirror/autocomplete";
import { EditorState } from "@codemirror/state";
import { describe, expect, it } from "vitest";

import { completeExpression, markOf, namesFor } from "./completing";

const SEEN = { worker: ["skills"], task: ["language"], calendar: ["support"] };

function offeredAt(text: string): string[] | null {
  const complete = completeExpression(() => namesFor("target", SEEN));
  const result = complete(new CompletionContext(EditorState.create({ doc: text }), text.length, false));
  return result && result.options.map(({ label }) => label);
}

describe("completion", () => {
  it("offers the names each kind may use", () => {
    expect(namesFor("queue", SEEN)[0]?.label).toBe("skills");
    expect(namesFor("filter", SEEN).map(({ label }) => label)).toEqual(["language", "calendar.support.open"]);
    expect(namesFor("skip", SEEN).map(({ label }) => label)).toContain("workers.available");
    expect(offeredAt("task.l")).toEqual(expect.arrayContaining(["task.language", "worker.skills", "calendar.support.open", "HAS"]));
  });

  it("keeps quiet inside a text and before anything is typed", () => {
    expect(offeredAt("worker.skills HAS 'sal")).toBeNull();
    expect(offeredAt("")).toBeNull();
  });
});

describe("the mark of an error", () => {
  it("covers the word at its line and column", () => {
    expect(markOf("a ==\nfoo bar", 2, 5)).toEqual({ from: 9, to: 12 });
  });

  it("covers the last character where the text ended too early", () => {
    expect(markOf("a ==", 1, 5)).toEqual({ from: 3, to: 4 });
    expect(markOf("", 1, 1)).toEqual({ from: 0, to: 0 });
  });
});
