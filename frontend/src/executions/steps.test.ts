import { describe, expect, it } from "vitest";

import type { ExecutionStep, HttpExchange } from "../api/types";
import { applyChanges, contextsOf, durationOf, durationText, exchangesOf, prettyBody, valuesOf } from "./steps";

function step(change: Partial<ExecutionStep>): ExecutionStep {
  return {
    sid: "FT1", seq: 1, event: "next", name: "a", type: "set-variables", transitioned_from: "a", transitioned_to: "b",
    changes: {}, warnings: [], date_created: "2026-01-01T10:00:00Z", ...change,
  };
}

const call = (ref: number, at: string): HttpExchange => ({
  ref, method: "GET", url: "https://api.example", request_body: null, status_code: 200, content_type: null, response_body: null, error: null, duration_ms: 1, date_created: at,
});

describe("the steps of an execution", () => {
  it("puts changes where the engine does, keys with dots included", () => {
    const context = { flow: { variables: { a: 1 } }, widgets: {} };

    expect(applyChanges(context, { "flow.variables.b.c": 2, "widgets.ask": { x: 1 }, own: true })).toEqual({
      flow: { variables: { a: 1, "b.c": 2 } }, widgets: { ask: { x: 1 } }, own: true,
    });
    expect(context).toEqual({ flow: { variables: { a: 1 } }, widgets: {} });
  });

  it("rebuilds the context after each step, a subflow's apart from the flow's", () => {
    const steps = [
      step({ seq: 1, changes: { "flow.variables.a": 1 } }),
      step({ seq: 3, parent_seq: 2, changes: { "flow.variables.inner": 9 } }),
      step({ seq: 2, changes: { "widgets.sub": {} } }),
    ];
    const contexts = contextsOf(steps, { flow: { sid: "FN1", variables: { late: 1 } }, contact: { channel: { address: "+1" } } });

    const base = { contact: { channel: { address: "+1" } }, trigger: {} };
    expect(contexts.get(2)).toEqual({ ...base, flow: { sid: "FN1", variables: { a: 1 } }, widgets: { sub: {} } });
    expect(contexts.get(3)).toEqual({ ...base, flow: { sid: "FN1", variables: { inner: 9 } }, widgets: {} });
  });

  it("tells what came in from what went out and what was set", () => {
    expect(valuesOf({ "widgets.ask": { inbound: { Body: "Bo" }, outbound: { Body: "Name?" } }, "flow.variables.n": 1 })).toEqual({
      received: [{ path: "widgets.ask.inbound.Body", value: "Bo" }],
      sent: [{ path: "widgets.ask.outbound.Body", value: "Name?" }],
      set: [{ path: "flow.variables.n", value: 1 }],
    });
  });

  it("gives each call to the step that made it, in order and within its time", () => {
    const steps = [
      step({ seq: 1, type: "make-http-request", date_entered: "2026-01-01T10:00:00Z", date_created: "2026-01-01T10:00:02Z" }),
      step({ seq: 2, type: "send-message" }),
      step({ seq: 3, type: "run-function", date_entered: "2026-01-01T11:00:00Z", date_created: "2026-01-01T11:00:02Z" }),
    ];
    const late = call(7, "2026-01-01T11:00:01Z");

    expect(exchangesOf(steps, [late])).toEqual(new Map([[3, [late]]]));
  });

  it("says durations and bodies readably", () => {
    expect(durationOf(step({ date_entered: "2026-01-01T09:58:30Z" }))).toBe(90_000);
    expect(durationOf(step({}))).toBeNull();
    expect([200, 5_000, 90_000, 3_600_000, 5_400_000, 200_000_000].map(durationText)).toEqual(["under 1 s", "5 s", "1 min 30 s", "1 h", "1 h 30 min", "2 days"]);
    expect([prettyBody('{"a":1}'), prettyBody("plain")]).toEqual(['{\n  "a": 1\n}', "plain"]);
  });
});
