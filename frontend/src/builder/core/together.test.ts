import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Definition } from "../../api/types";
import { CATALOGUE, state, story } from "../../testing/catalogue";
import { haveSharedFlows, sharedFlows } from "../../testing/shared-flows";
import { compare } from "./compare";
import { diffOf, isEmpty } from "./diff";
import { connect, moveWidgets, removeWidgets, renameWidget, setProperty } from "./edits";
import { record, redo, startHistory, undo } from "./history";
import { merge } from "./merge";
import { stateOf } from "./model";
import { addNote, changeNote, notesOf } from "./notes";
import { pack, unpack } from "./pack";
import { markOf } from "./trace";

const say = (definition: Definition, key: string, body: string) => setProperty(definition, key, "body", body);
const add = (definition: Definition, name: string): Definition => ({ ...definition, states: [...definition.states, state(name, "send-message", { sent: null }, { body: name })] });

describe("merge", () => {
  const base = story();

  it("puts changes of different places together", () => {
    const mine = connect(say(base, "ask", "Well?"), { source: "ask", exit: "t1", target: "thanks" });
    const theirs = add(setProperty(base, "ask", "timeout", "90"), "extra");

    const { definition, conflicts } = merge(base, mine, theirs);

    expect(conflicts).toEqual([]);
    expect(stateOf(definition, "ask")?.properties).toMatchObject({ body: "Well?", timeout: "90" });
    expect(stateOf(definition, "ask")?.transitions[1]).toEqual({ event: "timeout", next: "thanks" });
    expect(stateOf(definition, "extra")).not.toBeNull();
    expect(definition["x-extra"]).toEqual({ kept: [1, 2] });
  });

  it("asks where both changed one thing, and takes what was chosen", () => {
    const [mine, theirs] = [say(base, "ask", "Mine?"), say(base, "ask", "Theirs?")];
    const { definition, conflicts } = merge(base, mine, theirs);

    expect(conflicts).toEqual([{ id: "ask/body", key: "ask", path: "body", mine: "Mine?", theirs: "Theirs?" }]);
    expect(stateOf(definition, "ask")?.properties.body).toBe("Mine?");
    expect(stateOf(merge(base, mine, theirs, { "ask/body": "theirs" }).definition, "ask")?.properties.body).toBe("Theirs?");
    expect(merge(base, mine, say(base, "ask", "Mine?")).conflicts).toEqual([]);
  });

  it("keeps a deletion, unless the other side changed what was deleted", () => {
    const without = removeWidgets(base, ["thanks"], { catalogue: CATALOGUE });
    const moved = moveWidgets(base, new Map([["thanks", { x: 900, y: 900 }]]));
    const changed = say(base, "thanks", "Bye");

    expect(stateOf(merge(base, without, moved).definition, "thanks")).toBeNull();
    const { conflicts } = merge(base, without, changed);
    expect(conflicts.map(({ key, path, mine }) => [key, path, mine])).toEqual([["thanks", "", undefined]]);
    expect(stateOf(merge(base, without, changed, { "thanks/": "theirs" }).definition, "thanks")?.properties.body).toBe("Bye");
  });

  it("never argues about places: my move, else theirs", () => {
    const mine = moveWidgets(base, new Map([["ask", { x: 5, y: 5 }]]));
    const theirs = moveWidgets(base, new Map([["ask", { x: 7, y: 7 }], ["thanks", { x: 8, y: 8 }]]));
    const { definition, conflicts } = merge(base, mine, theirs);
    expect(conflicts).toEqual([]);
    expect([stateOf(definition, "ask")?.properties.offset, stateOf(definition, "thanks")?.properties.offset]).toEqual([{ x: 5, y: 5 }, { x: 8, y: 8 }]);
  });

  it("puts notes together by what they are", () => {
    const shape = { x: 0, y: 0, width: 100, height: 100, color: "amber" } as const;
    const noted = addNote(base, { ...shape, text: "First" }).definition;
    const mine = changeNote(noted, "note:note1", { text: "First, mine" });
    const theirs = addNote(noted, { ...shape, text: "Second" }).definition;
    const { definition, conflicts } = merge(noted, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(notesOf(definition).map((note) => note.text)).toEqual(["First, mine", "Second"]);
  });

  it("is one side where the other did nothing, whatever was done", () => {
    const edits: ((definition: Definition) => Definition)[] = [
      (definition) => say(definition, "ask", "Hm?"),
      (definition) => add(definition, "more"),
      (definition) => removeWidgets(definition, ["split"], { catalogue: CATALOGUE, reconnect: true }),
      (definition) => renameWidget(definition, "ask", "question"),
      (definition) => moveWidgets(definition, new Map([["thanks", { x: 1, y: 2 }]])),
      (definition) => ({ ...definition, description: "Another" }),
    ];
    fc.assert(
      fc.property(fc.subarray([...edits.keys()], { minLength: 1 }), (chosen) => {
        const changed = chosen.reduce((definition, index) => edits[index]!(definition), base);
        expect(merge(base, changed, base)).toEqual({ definition: changed, conflicts: [] });
        expect(merge(base, base, changed).definition).toEqual(changed);
        expect(merge(base, changed, changed)).toEqual({ definition: changed, conflicts: [] });
      }),
    );
  });
});

describe("a comparison on the canvas", () => {
  it("marks what was added, removed, changed and newly led, and nothing that only moved", () => {
    const before = story();
    const moved = moveWidgets(before, new Map([["split", { x: 500, y: 10 }]]));
    const after = connect(add(say(removeWidgets(moved, ["thanks"], { catalogue: CATALOGUE }), "ask", "Hm?"), "extra"), { source: "split", exit: "t1", target: "extra" });

    const { trace, keys, drawn, difference } = compare(before, after, CATALOGUE);

    expect(keys).toEqual(["ask", "split", "extra", "thanks"]);
    const mark = (widget: string) => markOf(trace, { widget });
    expect([mark("Trigger"), mark("ask"), mark("split"), mark("extra"), mark("thanks")]).toEqual(["diff--same", "diff--changed", "diff--changed", "diff--added", "diff--removed"]);
    expect(stateOf(drawn, "thanks")).not.toBeNull();
    expect([markOf(trace, { link: "split/t1" }), markOf(trace, { link: "split/t0" })]).toEqual(["diff--added", "diff--same"]);
    expect(trace.lost).toMatchObject([{ source: "split", target: "thanks", exit: "t1" }]);
    expect(difference.changed.map(({ key }) => key)).toEqual(["ask", "split"]);
    expect(isEmpty(diffOf(before, moved))).toBe(true);
  });

  it("tells of notes by their texts", () => {
    const shape = { x: 0, y: 0, width: 100, height: 100, color: "amber" } as const;
    const noted = addNote(story(), { ...shape, text: "# Why\nthis" }).definition;
    expect(diffOf(story(), noted).notes).toEqual([{ key: "note:note1", title: "Why", kind: "added" }]);
    expect(diffOf(noted, changeNote(noted, "note:note1", { x: 50, color: "blue" })).notes).toEqual([]);
    expect(compare(noted, story(), CATALOGUE).keys).toEqual(["note:note1"]);
  });

  it.runIf(haveSharedFlows)("finds nothing between a real flow and itself", () => {
    for (const { name, definition } of sharedFlows()) expect(compare(definition, structuredClone(definition), CATALOGUE).keys, name).toEqual([]);
  });
});

describe("a packed history", () => {
  it("is the same history after a way through text, its widgets shared", () => {
    let history = startHistory(story());
    for (const text of ["a", "b", "c"]) history = record(history, say(history.present, "ask", text), `Say ${text}`, 0);
    history = undo(history);
    const packed = pack(history);
    const again = unpack(JSON.parse(JSON.stringify(packed)));

    expect(packed.pool).toHaveLength(story().states.length + 3);
    expect(again).toEqual({ ...history, group: null });
    expect(again!.past[0]!.value.states[0]).toBe(again!.present.states[0]);
    expect(stateOf(redo(again!).present, "ask")?.properties.body).toBe("c");
    expect(stateOf(undo(undo(again!)).present, "ask")?.properties.body).toBe("Yes or no?");
  });

  it("is refused when it is something else", () => {
    for (const data of [null, 3, {}, { v: 2, pool: [] }, { v: 1, pool: [], present: { rest: {}, states: [4] }, past: [], future: [] }]) expect(unpack(data)).toBeNull();
  });
});
