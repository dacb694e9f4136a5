import { describe, expect, it } from "vitest";

import { story } from "../../testing/catalogue";
import { act, answerByItself, answered, eventOf, isPossible, outcomeOf, pathOf, pathTrace, setVariable, startSimulation, storyOf, type Answer, type Session, type Simulation } from "./simulation";
import { coverageTrace, executionTrace, markOf } from "./trace";

const TRIGGER = { event: "incomingMessage", body: "hi", from: "+1", to: "+2" };
const NOON = new Date("2026-01-15T12:00:00.400Z");

function session(change: Partial<Session> = {}): Session {
  return { status: "active", current: "ask", wait: { kind: "reply", ref: 1, due_at: "2026-01-15T13:00:00Z" }, context: { flow: { variables: { n: "1" } } }, ended: null, visit: { seq: 2 }, frames: [], ...change };
}

const ASKED: Answer = {
  session: session(),
  commands: [{ type: "send_message", ref: 1, body: "Name?" }, { type: "set_timer", ref: 1, due_at: "2026-01-15T13:00:00Z" }],
  steps: [{ seq: 1, event: "incomingMessage", widget_type: "trigger", name: "Trigger", changes: {}, transition: 0, parent_seq: null }],
  warnings: [],
};
const CALLING: Answer = {
  session: session({ current: "call", wait: { kind: "http", ref: 2, due_at: null }, visit: { seq: 3 } }),
  commands: [{ type: "call_http", ref: 2, method: "GET", url: "https://x.example" }],
  steps: [{ seq: 2, event: "incomingMessage", widget_type: "send-and-wait-for-reply", name: "ask", changes: {}, transition: 0, parent_seq: null }],
  warnings: [],
};

const asked = () => answered(startSimulation(TRIGGER, NOON), ASKED);
const calling = () => answered(act(asked(), { type: "say", text: "Bo" }), CALLING);

describe("a simulation", () => {
  it("begins with the contact's first message", () => {
    const begun = startSimulation(TRIGGER, NOON);

    expect(eventOf(begun, { type: "begin" })).toEqual({ type: "trigger_fired", kind: "incomingMessage", payload: { Body: "hi", From: "+1", To: "+2", NumMedia: "0" } });
    expect(begun.now).toBe("2026-01-15T12:00:00Z");
    expect(isPossible(begun, "say")).toBe(false);
  });

  it("tells what the flow said, where it stands and which way it took", () => {
    const now = calling();

    expect(now.lines.map(({ kind, text }) => `${kind}: ${text}`)).toEqual(["in: hi", "out: Name?", "in: Bo", "note: Calls GET https://x.example"]);
    expect(pathOf(now)).toEqual(["Trigger", "ask", "call"]);
    expect(pathTrace(now)).toEqual({ kind: "path", widgets: new Set(["Trigger", "ask", "call"]), links: new Set(["Trigger/t0", "ask/t0"]), current: "call" });
    expect(now.asks?.type).toBe("call_http");
  });

  it("moves the virtual clock to the end of a wait", () => {
    const before = asked();
    const after = act(before, { type: "timeout" });

    expect(eventOf(before, { type: "timeout" })).toEqual({ type: "timer_fired", ref: 1 });
    expect([after.now, after.storySteps]).toEqual(["2026-01-15T13:00:00Z", [{ timeout: "ask" }]]);
  });

  it("answers calls by what is remembered for the widget, and asks where nothing is", () => {
    expect(answerByItself(calling(), {})).toBeNull();
    expect(answerByItself(calling(), { call: { status: 200, body: "{}" } })).toEqual({ type: "http", answer: { status: 200, body: "{}" } });
    expect(eventOf(calling(), { type: "http", answer: { status: 404, body: "no" } })).toMatchObject({ type: "http_answered", ref: 2, status_code: 404, content_type: "text/plain" });
  });

  it("keeps a question that a message does not answer", () => {
    const again = answered(calling(), { ...CALLING, commands: [], steps: [] });

    expect(again.asks?.ref).toBe(2);
  });

  it("becomes a story that expects what happened", () => {
    const called = act(calling(), { type: "http", answer: { status: 200, body: '{"ok":true}' } });
    const done: Simulation = answered(called, { session: session({ status: "ended", current: null, wait: null, visit: null, ended: { reason: "completed", code: null, message: "" } }), commands: [], steps: [{ seq: 3, event: "success", widget_type: "make-http-request", name: "call", changes: {}, transition: 0, parent_seq: null }], warnings: [] });

    expect(outcomeOf(done)).toBe("ended");
    expect(storyOf(done)).toEqual({
      trigger: { event: "incomingMessage", body: "hi", from: "+1", to: "+2" },
      now: "2026-01-15T12:00:00Z",
      steps: [{ in: "Bo" }],
      http: { call: [{ status: 200, json: { ok: true } }] },
      expect: { sent: ["Name?"], path: ["Trigger", "ask", "call"], outcome: "ended", variables: { n: "1" } },
    });
    expect(storyOf(done, ["outcome"]).expect).toEqual({ outcome: "ended" });
  });

  it("lets variables be set where the flow itself waits", () => {
    const changed = setVariable(asked(), "n", "2");

    expect(changed.session?.context).toEqual({ flow: { variables: { n: "2" } } });
    expect(changed.tampered).toBe(true);
    const inside = answered(asked(), { ...ASKED, session: session({ frames: [{ widget: "sub", visit: { seq: 2 } }] }) });
    expect(setVariable(inside, "n", "2")).toBe(inside);
  });
});

describe("a trace", () => {
  it("paints what tests visited and what they missed", () => {
    const trace = coverageTrace(story(), {
      widgets: { visited: 3, total: 4, missed: ["thanks"] },
      transitions: { visited: 1, total: 8, missed: [["split", 1, "match"]] },
    });

    expect(["ask", "thanks"].map((widget) => markOf(trace, { widget }))).toEqual(["trace--seen", "trace--missed"]);
    expect(["split/t0", "split/t1"].map((link) => markOf(trace, { link }))).toEqual(["trace--seen", "trace--missed"]);
    expect(markOf(null, { widget: "ask" })).toBe("");
  });

  it("follows a past execution step by step", () => {
    const step = (name: string, event: string, to: string) => ({ sid: "", seq: 1, event, name, type: "", transitioned_from: name, transitioned_to: to, changes: {}, warnings: [], date_created: "" });
    const steps = [step("Trigger", "incomingMessage", "ask"), step("ask", "incomingMessage", "split"), step("split", "match", "thanks")];

    expect(executionTrace(story(), steps, 1)).toEqual({ kind: "path", widgets: new Set(["Trigger", "ask"]), links: new Set(["Trigger/t0", "ask/t0"]), current: "ask" });
    expect(executionTrace(story(), steps, 2).links).toContain("split/t1");
  });
});
