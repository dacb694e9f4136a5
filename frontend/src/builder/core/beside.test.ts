import { describe, expect, it } from "vitest";

import type { Definition, ExecutionDetail, ExecutionStep } from "../../api/types";
import { CATALOGUE, state, story } from "../../testing/catalogue";
import { hear, othersByWidget, withoutSilent } from "../presence/editors";
import { copyText, pasted } from "./clipboard";
import { moveWidgets, removeWidgets } from "./edits";
import { fixesOf, nearest } from "./fixes";
import { carriedBy, carriedSpots, frameAround, keysOn, notesFollow, noteRect } from "./frames";
import { snapped } from "./guides";
import { arrange, rectsOf } from "./layout";
import { blocksOf, spansOf } from "./markdown";
import { conditionsOf, stateOf } from "./model";
import { addNote, changeNote, moveNotes, noteOf, notesOf, noteTitle, pasteNotes, removeNotes } from "./notes";
import type { PlacedProblem } from "./problems";
import { nextInput, partingOf, replayOf } from "./replaying";
import { sampleText, valueAt, withSamples } from "./samples";
import { answered, startSimulation } from "./simulation";
import { CARD, linesOf } from "./sizes";
import { extract } from "./subflow";
import { countText, heatOf, shareText, trafficView } from "./traffic";

const SHAPE = { x: 10, y: 20, width: 100, height: 80, color: "amber" } as const;

describe("notes", () => {
  it("are added, changed, moved, copied and taken away, and leave no trace", () => {
    const { definition, key } = addNote(story(), { ...SHAPE, text: "# Hello **there**" });
    const changed = changeNote(definition, key, { text: "Bye", color: "blue" });
    const moved = moveNotes(changed, new Map([[key, { x: 7.4, y: 8 }], ["ask", { x: 0, y: 0 }]]));
    expect(noteOf(moved, key)).toEqual({ id: "note1", text: "Bye", x: 7, y: 8, width: 100, height: 80, color: "blue" });
    expect(noteTitle(noteOf(definition, key)!)).toBe("Hello there");

    const clip = pasted(copyText(definition, [key, "ask"]))!;
    expect([clip.states.map((one) => one.name), clip.notes.map((note) => note.text)]).toEqual([["ask"], ["# Hello **there**"]]);
    const twice = pasteNotes(definition, clip.notes, { x: 5, y: 5 });
    expect([twice.keys, notesOf(twice.definition)[1]]).toEqual([["note:note2"], { ...SHAPE, id: "note2", text: "# Hello **there**", x: 15, y: 25 }]);
    expect(removeNotes(twice.definition, ["note:note1", "note:note2"])).toEqual(story());
  });

  it("lets entries alone that are no notes", () => {
    const odd: Definition = { ...story(), notes: [7, { id: "a", text: 3, x: "far", own: true }, { id: "a" }, null] };
    expect(notesOf(odd)).toEqual([{ id: "a", text: "", x: 0, y: 0, width: 190, height: 110, color: "amber" }]);
    expect(changeNote(odd, "note:a", { text: "b" }).notes).toMatchObject([7, { id: "a", text: "b", own: true }, { id: "a" }, null]);
    expect(notesOf({ ...story(), notes: "none" })).toEqual([]);
  });

  it("frame widgets, take them along, and stay around them when all is laid out anew", () => {
    const placed = arrange(story(), CATALOGUE);
    const framed = addNote(placed, frameAround(placed, CATALOGUE, ["split", "thanks"])!);
    expect(keysOn(framed.definition, CATALOGUE, framed.key)).toEqual(["split", "thanks"]);
    const carried = carriedBy(framed.definition, CATALOGUE, [framed.key]);
    const frame = noteRect(noteOf(framed.definition, framed.key)!);
    const spots = carriedSpots(carried, new Map([[framed.key, { x: frame.x + 30, y: frame.y }]]));
    const before = rectsOf(framed.definition, CATALOGUE).find((rect) => rect.id === "split")!;
    expect(spots.get("split")!.x).toBeCloseTo(before.x + 30);

    const scattered = moveWidgets(framed.definition, new Map([["split", { x: 2000, y: 0 }], ["thanks", { x: 2000, y: 900 }]]));
    const again = notesFollow(framed.definition, scattered, CATALOGUE);
    expect(keysOn(again, CATALOGUE, framed.key)).toEqual(["split", "thanks"]);
    const loose = addNote(placed, { ...SHAPE, text: "near the trigger" });
    const shifted = notesFollow(loose.definition, moveWidgets(loose.definition, new Map([["Trigger", { x: 300, y: 0 }]])), CATALOGUE);
    expect(noteOf(shifted, loose.key)!.x).toBeGreaterThan(SHAPE.x + 100);
  });

  it("are written in a little Markdown", () => {
    expect(blocksOf("# A\ntext\n\n- one\n- [x] two\n1. first").map((block) => block.kind)).toEqual(["heading", "paragraph", "list", "list"]);
    expect(spansOf("a **b** `c` [d](https://e.f) <script> [x](javascript:1)")).toEqual([
      { kind: "text", text: "a " }, { kind: "strong", text: "b" }, { kind: "text", text: " " }, { kind: "code", text: "c" }, { kind: "text", text: " " },
      { kind: "link", text: "d", href: "https://e.f" }, { kind: "text", text: " <script> [x](javascript:1)" },
    ]);
  });
});

describe("counts on the diagram", () => {
  const answer = {
    from: "", to: "", executions: 10, active: 2, failed: 0, is_capped: false,
    exits: [
      { widget: "Trigger", event: "incomingMessage", to: "ask", count: 10 },
      { widget: "ask", event: "incomingMessage", to: "split", count: 6 },
      { widget: "ask", event: "timeout", to: "Ended", count: 2 },
      { widget: "gone", event: "sent", to: "ask", count: 9 },
    ],
    waiting: [{ widget: "ask", count: 2 }],
  };

  it("say how many took a way and how many left or stay", () => {
    const { links, widgets } = trafficView(story(), answer);
    expect(links.get("Trigger/t0")).toEqual({ count: 10, share: 1 });
    expect(links.get("ask/t0")).toEqual({ count: 6, share: 0.75 });
    expect(links.get("split/t1")).toEqual({ count: 0, share: 0 });
    expect(widgets.get("ask")).toEqual({ visits: 10, ended: 2, waiting: 2, dropOff: 0.2 });
    expect(widgets.get("thanks")?.visits).toBe(0);
  });

  it("are short", () => {
    expect([countText(9999), countText(12_340), countText(123_400)]).toEqual(["9999", "12.3 k", "123 k"]);
    expect([shareText(0), shareText(0.001), shareText(0.756)]).toEqual(["0 %", "<1 %", "76 %"]);
    expect([0, 0.1, 0.3, 0.5, 1].map(heatOf)).toEqual(["heat--none", "heat--1", "heat--2", "heat--3", "heat--4"]);
  });
});

describe("quick fixes", () => {
  const problem = (code: string, change: Partial<PlacedProblem>): PlacedProblem => ({ code, severity: "error", message: "", property_path: "#", widget: null, key: "ask", property: null, transition: null, ...change });
  const fixed = (definition: ReturnType<typeof story>, found: PlacedProblem, label: string) => fixesOf(found, definition, CATALOGUE).find((fix) => fix.label === label)!.apply(definition);

  it("lead a dangling exit to the nearest name, or nowhere", () => {
    const broken = story();
    broken.states[1]!.transitions[0]!.next = "spilt";
    const found = problem("target-missing", { transition: 0 });
    expect(fixesOf(found, broken, CATALOGUE).map((fix) => fix.label)).toEqual(["Lead to split", "End here"]);
    expect(stateOf(fixed(broken, found, "Lead to split"), "ask")?.transitions[0]?.next).toBe("split");
    expect(stateOf(fixed(broken, found, "End here"), "ask")?.transitions[0]?.next).toBeUndefined();
  });

  it("mend names, exits, references and missing settings", () => {
    const twins = { ...story(), states: [...story().states, state("ask", "send-message")] };
    expect(fixed(twins, problem("name-twice", { key: "ask~2" }), "Rename to ask_2").states.at(-1)?.name).toBe("ask_2");

    const poor = story();
    poor.states[1]!.transitions = [];
    expect(stateOf(fixed(poor, problem("missing-exit", {}), "Add the exits"), "ask")?.transitions.map((exit) => exit.event)).toEqual(["incomingMessage", "timeout", "deliveryFailure"]);

    const misread = story();
    misread.states[3]!.properties.body = "{{widgets.aks.inbound.Body}}";
    const unknown = problem("unknown-widget-name", { key: "thanks", message: "'thanks' reads the outputs of 'aks', but there is no such widget." });
    expect(stateOf(fixed(misread, unknown, "Read ask"), "thanks")?.properties.body).toBe("{{widgets.ask.inbound.Body}}");

    const from = problem("required", { key: "thanks", property: "from" });
    expect(stateOf(fixed(story(), from, "Set to {{flow.channel.address}}"), "thanks")?.properties.from).toBe("{{flow.channel.address}}");
    expect(stateOf(fixed(story(), problem("unreachable", { key: "thanks" }), "Delete thanks"), "thanks")).toBeNull();
    expect(nearest("xyz", ["ask", "split"])).toBeNull();
  });
});

describe("sample values", () => {
  const context = { widgets: { call: { parsed: { order: { total: 12 } } }, ask: { inbound: { Body: "  Ada\nL " } } } };

  it("stand beside the variables, with what lies below them", () => {
    const found = withSamples([{ path: "widgets.ask.inbound.Body", about: "x" }, { path: "widgets.call.parsed", about: "y" }], context);
    expect(found.map(({ path, sample }) => [path, sample])).toEqual([
      ["widgets.ask.inbound.Body", " Ada L "],
      ["widgets.call.parsed", '{"order":{"total":12}}'],
      ["widgets.call.parsed.order", '{"total":12}'],
      ["widgets.call.parsed.order.total", "12"],
    ]);
    expect(withSamples([{ path: "a", about: "" }], null)).toEqual([{ path: "a", about: "" }]);
    expect([valueAt(context, "widgets.none.x"), sampleText("x".repeat(80))]).toEqual([undefined, `${"x".repeat(47)}…`]);
  });
});

describe("a past execution's inputs", () => {
  const step = (seq: number, name: string, type: string, event: string, changes = {}): ExecutionStep => ({
    sid: `FT${seq}`, seq, event, name, type, transitioned_from: name, transitioned_to: "", changes, warnings: [], date_created: "",
  });
  const execution: ExecutionDetail = {
    sid: "FN1", flow_sid: "FW1", flow_name: "", revision: 1, contact: "+1", status: "ended", current_widget: null, error: null, trigger: "incomingMessage",
    date_created: "2026-01-05T08:00:00Z", date_updated: "", conversation_sid: null,
    context: { trigger: { message: { Body: "Hi", From: "+1", To: "+2" } } },
    steps: [
      step(1, "Trigger", "trigger", "incomingMessage"),
      step(2, "ask", "send-and-wait-for-reply", "incomingMessage", { "widgets.ask": { inbound: { Body: "yes" } } }),
      step(3, "call", "make-http-request", "success"),
      step(4, "again", "send-and-wait-for-reply", "timeout"),
    ],
    http: [{ ref: 4, step_seq: 3, method: "GET", url: "", request_body: "", status_code: 200, content_type: "", response_body: "{}", error: "", duration_ms: 1, date_created: "" }],
  };

  it("are read off its steps, and done again where they fit", () => {
    const again = replayOf(execution);
    expect(again).toMatchObject({
      trigger: { event: "incomingMessage", body: "Hi", from: "+1", to: "+2" },
      from: null,
      path: ["Trigger", "ask", "call", "again"],
      inputs: [{ widget: "ask", action: { type: "say", text: "yes" } }, { widget: "call", action: { type: "http", answer: { status: 200, body: "{}" } } }, { widget: "again", action: { type: "timeout" } }],
    });
    const begun = startSimulation(again.trigger, new Date(again.began));
    const session = { status: "active" as const, current: "call", wait: { kind: "http", ref: 4, due_at: null }, context: {}, ended: null, visit: { seq: 3 }, frames: [] };
    const asking = answered(begun, { session, commands: [{ type: "call_http", ref: 4 }], steps: [], warnings: [] });
    expect(nextInput(asking, again.inputs)?.widget).toBe("call");
    expect(nextInput(asking, again.inputs.slice(0, 1))).toBeNull();
  });

  it("show where two ways part", () => {
    expect(partingOf(["a", "b"], ["a", "b"])).toBeNull();
    expect(partingOf(["a", "b", "c"], ["a", "x"])).toEqual({ after: "a", then: "b", now: "x" });
    expect(partingOf(["a", "b"], ["a"])).toEqual({ after: "a", then: "b", now: null });
  });
});

describe("a subflow made of a part", () => {
  it("takes the part out and runs it in its place", () => {
    const made = extract(story(), ["split", "thanks"], "FW9");
    if ("problem" in made) throw new Error(made.problem);
    expect(made.parent.states.map((one) => one.name)).toEqual(["Trigger", "ask", "run_subflow"]);
    expect(stateOf(made.parent, "ask")?.transitions[0]?.next).toBe("run_subflow");
    expect(stateOf(made.parent, "run_subflow")).toMatchObject({ properties: { flow_sid: "FW9" }, transitions: [{ event: "completed", next: "ask" }, { event: "failed" }] });
    expect(made.child.states.map((one) => one.name)).toEqual(["Trigger", "split", "thanks"]);
    expect(stateOf(made.child, "Trigger")?.transitions.at(-1)).toEqual({ event: "incomingParent", next: "split" });
    expect(stateOf(made.child, "split")?.transitions[0]).toEqual({ event: "noMatch" });
  });

  it("is refused where the part has more than one beginning", () => {
    const loose = removeWidgets(story(), ["ask"], { catalogue: CATALOGUE });
    expect(extract(loose, ["split", "thanks"])).toEqual({ problem: "Nothing leads into the selection." });
    expect(extract(story(), ["ask"])).toHaveProperty("problem");
    expect(extract(story(), ["Trigger", "ask"])).toHaveProperty("problem");
  });
});

describe("other editors", () => {
  it("come, move, leave, and are gone after a silence", () => {
    const here = (editor: string, widgets: string[], at: number) => ({ event: { type: "editor" as const, editor, user_sid: "US1", name: "Ada", widgets }, at });
    let others = hear([], here("a", ["ask"], 0).event, 0);
    others = hear(others, here("b", ["ask"], 5).event, 5_000);
    expect(othersByWidget(others).get("ask")).toHaveLength(2);
    expect(hear(others, { type: "left", editor: "a" }, 0).map((other) => other.editor)).toEqual(["b"]);
    expect(withoutSilent(others, 41_000).map((other) => other.editor)).toEqual(["b"]);
    expect(withoutSilent(others, 6_000)).toBe(others);
  });
});

describe("conditions", () => {
  it("are read from any draft, whatever somebody wrote there", () => {
    expect(conditionsOf({ event: "match", conditions: ["{{x}} == 1", { type: "equal_to", value: "a" }, null] })).toMatchObject([{ type: "" }, { type: "equal_to" }, { type: "" }]);
    expect(conditionsOf({ event: "match", conditions: "x" })).toEqual([]);
  });
});

describe("guides", () => {
  it("let a card rest in line with the nearest edge or middle, and with nothing far away", () => {
    const other = { x: 100, y: 0, width: 200, height: 100 };
    expect(snapped({ x: 104, y: 300, width: 100, height: 50 }, [other])).toEqual({ x: 100, y: 300, guides: [{ axis: "x", at: 100, from: 0, to: 350 }] });
    expect(snapped({ x: 146, y: 300, width: 100, height: 50 }, [other]).x).toBe(150);
    expect(snapped({ x: 400, y: 3, width: 100, height: 50 }, [other])).toMatchObject({ y: 0, guides: [{ axis: "y", at: 0, from: 100, to: 500 }] });
    expect(snapped({ x: 104, y: 3000, width: 100, height: 50 }, [other]).guides).toEqual([]);
  });
});

describe("the height of a card", () => {
  it("counts lines as they are broken, between words", () => {
    const word = "x".repeat(26);
    // Two words that fit no line together, though their letters would fill two lines at most by half.
    expect(linesOf(`${word} ${word} ${word}`)).toBe(3);
    expect(linesOf("x".repeat(68))).toBe(2);
    expect([linesOf(""), linesOf("a\n\nb"), linesOf("word ".repeat(300))]).toEqual([1, 3, CARD.maxLines]);
  });
});
