import { describe, expect, it } from "vitest";

import type { Act } from "../../core/acts";
import { merge, type Line, type Note } from "./monitor";

const said = (index: number, source: "customer" | "agent" = "customer") => ({
  sid: `IM${index}`, index, source, author_name: "Carl", body: `m${index}`, media: [], date_created: "2026-05-04T10:00:00Z",
});
const note = (number: number, after_index: number, kind: "note" | "whisper" = "whisper"): Note => ({
  sid: `NT${number}`, number, after_index, kind, author_name: "Sue", body: `n${number}`, media: [], date_created: "2026-05-04T10:00:00Z",
});

const words = (line: Line) => (line.kind === "acts" ? line.acts.map(({ who }) => who).join() : line.body);

describe("a monitored conversation", () => {
  it("has whispers and notes where they were said", () => {
    const lines = merge([said(0), said(1, "agent"), said(2)], [note(1, 1), note(0, -1, "note"), note(2, 2)]);
    expect(lines.map(words)).toEqual(["n0", "m0", "m1", "n1", "m2", "n2"]);
    expect(lines.map(({ kind }) => kind)).toEqual(["note", "customer", "ours", "whisper", "customer", "whisper"]);
  });

  it("leaves out notes of messages that were not read", () => {
    expect(merge([said(8), said(9)], [note(0, 3), note(1, 7), note(2, 8)]).map(words)).toEqual(["n1", "m8", "n2", "m9"]);
  });

  it("has what happened where it happened", () => {
    const at = (minute: number) => `2026-05-04T10:0${minute}:00Z`;
    const act = (who: string, minute: number): Act => ({ kind: "left", at: at(minute), who, to: "", text: "", seconds: null, sid: null });
    const talk = [{ ...said(0), date_created: at(2) }, { ...said(1), date_created: at(4) }];
    const acts = [act("early", 1), act("between", 3), act("late", 5)];
    expect(merge(talk, [], acts).map(words)).toEqual(["early", "m0", "between", "m1", "late"]);
    expect(merge(talk, [], acts, true).map(words)).toEqual(["m0", "between", "m1", "late"]);
  });

  it("shows notes alone where nothing was said", () => {
    expect(merge([], [note(0, -1)]).map(words)).toEqual(["n0"]);
  });
});
