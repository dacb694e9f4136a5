import { describe, expect, it } from "vitest";

import { CATALOGUE, state, story } from "../../testing/catalogue";
import { diffOf, isEmpty } from "./diff";
import { edgePath } from "./edgePath";
import { connect, moveWidgets, removeWidgets, setProperty } from "./edits";
import { record, redo, startHistory, undo } from "./history";
import { asDefinition, exitsOf } from "./model";
import { freeName, nameProblem } from "./naming";
import { outlineOf } from "./outline";
import { marksOf, placeProblems } from "./problems";
import { findInFlow, fuzzyScore } from "./search";
import { durationText, exitLabel, summaryOf } from "./summary";
import { variablesAt } from "./variables";

describe("history", () => {
  it("goes back and forth over every step, and forgets the future after a new one", () => {
    const three = record(record(startHistory(1), 2, "two", 0), 3, "three", 10);

    expect(undo(undo(three)).present).toBe(1);
    expect(redo(undo(three))).toMatchObject({ present: 3, future: [] });
    expect(record(undo(three), 9, "nine", 20)).toMatchObject({ present: 9, future: [], past: [{ value: 1 }, { value: 2, label: "nine" }] });
  });

  it("takes quick changes of one field as one step, slow ones as two", () => {
    const typed = record(record(startHistory("a"), "ab", "type", 0, "name"), "abc", "type", 400, "name");

    expect(undo(typed).present).toBe("a");
    expect(undo(record(typed, "abcd", "type", 9_000, "name")).present).toBe("abc");
  });

  it("has nothing to undo for a change that changes nothing", () => {
    const start = startHistory(1);
    expect(record(start, 1, "same", 0)).toBe(start);
    expect(undo(start)).toBe(start);
  });
});

describe("names", () => {
  it("counts on from a taken name", () => {
    expect(freeName("ask", new Set(["ask", "ask_2"]))).toBe("ask_3");
    expect(freeName("ask_2", new Set(["ask_2"]))).toBe("ask_3");
    expect(freeName("free", new Set())).toBe("free");
  });

  it("says why a name cannot be taken", () => {
    expect(nameProblem("", new Set())).toBe("A widget needs a name.");
    expect(nameProblem("my ask", new Set())).toContain("letters");
    expect(nameProblem("ask", new Set(["ask"]))).toContain("Another widget");
    expect(nameProblem("Größe-2", new Set())).toBeNull();
  });
});

describe("reading", () => {
  it("takes only what can be drawn for a definition", () => {
    expect(asDefinition(null)).toBeNull();
    expect(asDefinition({ states: {} })).toBeNull();
    expect(asDefinition({ states: [{ name: "a" }] })).toBeNull();
    expect(asDefinition({ states: [{ name: "a", type: "t", transitions: [{}] }] })).toBeNull();
    expect(asDefinition({ states: [{ name: "a", type: "t" }] })).toEqual({ initial_state: "", states: [{ name: "a", type: "t", properties: {}, transitions: [] }] });
  });

  it("labels a condition by its own name or its words", () => {
    const split = story().states[2]!;
    const [yes] = exitsOf(split, CATALOGUE);
    const named = { ...split, transitions: [split.transitions[0]!, { ...split.transitions[1]!, conditions: [{ friendly_name: "Agrees", arguments: ["x"], type: "matches_any_of", value: "yes, y" }] }] };

    expect(exitLabel(split, yes!, CATALOGUE)).toEqual({ title: "= yes", detail: "= yes" });
    expect(exitLabel(named, yes!, CATALOGUE)).toEqual({ title: "Agrees", detail: "Agrees: any of yes, y" });
  });

  it("says what a widget does", () => {
    expect(summaryOf(story().states[1]!).rows).toEqual([{ text: "Yes or no?", style: "speech", wrap: true }]);
    expect(summaryOf(state("h", "make-http-request", {}, { method: "POST", url: "https://x" })).rows).toEqual([{ text: "POST https://x", style: "code", wrap: false }]);
    expect(summaryOf(state("f", "send-to-flex", {}, { workflow: "WW1", attributes: "{}" }), new Map([["WW1", "Sales"]])).rows).toEqual([{ text: "to Sales", style: "plain", wrap: false }]);
    expect(summaryOf(state("v", "set-variables", {}, { variables: ["a", "b", "c", "d"].map((key) => ({ key, value: "1" })) })).rows.map((row) => row.text)).toEqual(["a = 1", "b = 1", "and 2 more"]);
  });

  it("tells durations", () => {
    expect(["3600", "90", "0", "{{x}}", "172800"].map(durationText)).toEqual(["1 h", "1 min 30 s", "0 s", "{{x}}", "2 d"]);
  });

  it("offers the variables that can exist at a widget, the nearest first", () => {
    const paths = variablesAt(story(), "split").map((variable) => variable.path);

    expect(paths[0]).toMatch(/^widgets\.(ask|thanks|split)\./);
    expect(paths).toContain("widgets.ask.inbound.Body");
    expect(paths).toContain("trigger.message.Body");
    expect(paths).not.toContain("trigger.request.parameters");
    expect(paths).not.toContain("widgets.thanks.outbound.Sid");
  });

  it("lists the flow in reading order and what nothing leads to at the end", () => {
    const loose = { ...story(), states: [state("loose", "send-message"), ...story().states] };
    expect(outlineOf(loose, CATALOGUE).map(({ key, depth, reachable }) => [key, depth, reachable])).toEqual([
      ["Trigger", 0, true],
      ["ask", 0, true],
      ["split", 0, true],
      ["thanks", 0, true],
      ["loose", 0, false],
    ]);
  });
});

describe("finding", () => {
  it("looks at names, types, texts and conditions, every word somewhere", () => {
    const find = (query: string) => findInFlow(story(), CATALOGUE, query).map((hit) => hit.key);

    expect(find("yes")).toEqual(["ask", "split"]);
    expect(find("send message")).toEqual(["thanks"]);
    expect(find("split inbound")).toEqual(["split"]);
    expect(find("  ")).toEqual([]);
  });

  it("ranks starts over words over letters in order", () => {
    const scores = ["Send Message", "Resend", "Set Variables and end", "Trigger"].map((text) => fuzzyScore("send", text));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.at(-1)).toBe(0);
  });
});

describe("problems", () => {
  it("finds the widget, the field and the exit a problem speaks of", () => {
    const problems = placeProblems(story(), [
      { code: 1, severity: "error", message: "m", property_path: "#/states/1/properties/body", widget: null },
      { code: 2, severity: "warning", message: "m", property_path: "#/states/2/transitions/0/next", widget: "split" },
      { code: 3, severity: "error", message: "m", property_path: "#/initial_state", widget: null },
    ]);

    expect(problems.map(({ key, property, transition }) => [key, property, transition])).toEqual([
      ["ask", "body", null],
      ["split", null, 0],
      [null, null, null],
    ]);
    expect(marksOf(problems)).toEqual(new Map([["ask", { errors: 1, warnings: 0 }], ["split", { errors: 0, warnings: 1 }]]));
  });
});

describe("differences", () => {
  it("ignores moves and open exits written differently", () => {
    const moved = moveWidgets(story(), new Map([["ask", { x: 999, y: 999 }]]));
    const opened = { ...moved, states: moved.states.map((one) => ({ ...one, transitions: one.transitions.map((exit) => (exit.next ? exit : { ...exit, next: null })) })) };
    expect(isEmpty(diffOf(story(), opened))).toBe(true);
  });

  it("names what was added, removed and changed", () => {
    const before = story();
    const changed = setProperty(connect(before, { source: "ask", exit: "t1", target: "thanks" }), "ask", "body", "Well?");
    const after = removeWidgets(changed, ["split"], { catalogue: CATALOGUE });
    const difference = diffOf(before, { ...after, description: "Another", states: [...after.states, state("bye", "send-message")] });

    expect(difference.added).toEqual(["bye"]);
    expect(difference.removed).toEqual(["split"]);
    expect(difference.changed.map(({ key, changes }) => [key, changes.map((change) => change.path)])).toEqual([["ask", ["body", "exit incomingMessage", "exit timeout"]]]);
    expect(difference.flow.map((change) => change.path)).toEqual(["description"]);
  });
});

describe("lines", () => {
  const ends = { sourceX: 100, sourceY: 100, targetX: 100, targetY: 300, sourceLeft: 50, sourceRight: 50, targetHalf: 50, lane: 0 };

  it("go straight down where they can", () => {
    expect(edgePath(ends).path).toBe("M 100,100 C 100,200 100,200 100,300");
  });

  it("go around the cards on the way back up", () => {
    const { path, labelX } = edgePath({ ...ends, targetY: -200 });
    expect(path.startsWith("M 100,100 L")).toBe(true);
    expect(labelX === 26 || labelX === 174).toBe(true);
  });

  it("use the gap between cards that stand side by side", () => {
    expect(edgePath({ ...ends, targetX: 400, targetY: 90 }).labelX).toBe(250);
  });
});
