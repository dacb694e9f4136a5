import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { ExecutionDetail, ExecutionStep, Flow } from "../../api/types";
import { CATALOGUE, story } from "../../testing/catalogue";
import { renderAt } from "../../testing/render";
import { createActions } from "../actions";
import { ActionsContext } from "../actions-context";
import { BuilderContext } from "../context";
import { createBuilderStore } from "../store";
import { createUiStore, UiContext } from "../ui";
import { StepsPanel } from "./StepsPanel";

const FLOW: Flow = {
  sid: "FW1", friendly_name: "Welcome", status: "draft", revision: 1, published_revision: null, definition: story(),
  valid: true, errors: [], warnings: [], date_created: "", date_updated: "",
};

function step(seq: number, name: string, event: string, to: string, change: Partial<ExecutionStep> = {}): ExecutionStep {
  return {
    sid: `FT${seq}`, seq, event, name, type: "x", transitioned_from: name, transitioned_to: to, changes: {}, warnings: [],
    date_entered: "2026-01-01T10:00:00Z", date_created: "2026-01-01T10:00:03Z", ...change,
  };
}

function open(steps: ExecutionStep[]) {
  const store = createBuilderStore({ flow: FLOW, catalogue: CATALOGUE, readOnly: true });
  const ui = createUiStore(false);
  const execution: ExecutionDetail = {
    sid: "FN1", flow_sid: "FW1", flow_name: "Welcome", revision: 1, contact: "+1", status: "ended", current_widget: null, error: null,
    date_created: "", date_updated: "", conversation_sid: null, steps, context: {}, http: [],
  };
  renderAt(
    <BuilderContext value={store}>
      <UiContext value={ui}>
        <ActionsContext value={createActions({ store, ui })}>
          <StepsPanel execution={execution} />
        </ActionsContext>
      </UiContext>
    </BuilderContext>,
  );
  return { store, ui };
}

describe("a past execution on the canvas", () => {
  const STEPS = [
    step(1, "Trigger", "incomingMessage", "ask"),
    step(2, "ask", "incomingMessage", "split", { changes: { "widgets.ask": { inbound: { Body: "yes" } } } }),
    step(9, "inside", "next", "Ended", { parent_seq: 3 }),
    step(3, "split", "match", "thanks"),
  ];

  it("opens at its end and goes back and forward, painting the way so far", async () => {
    const { ui } = open(STEPS);

    expect(screen.getByRole("status")).toHaveTextContent("Step 3 of 3");
    expect(ui.getState().trace).toMatchObject({ current: "split", links: new Set(["Trigger/t0", "ask/t0", "split/t1"]) });
    await userEvent.click(screen.getByRole("button", { name: "Step back" }));
    expect(ui.getState().trace).toMatchObject({ current: "ask", links: new Set(["Trigger/t0", "ask/t0"]) });
    expect(within(screen.getByRole("region", { name: "Received" })).getByText("widgets.ask.inbound.Body")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: /^Trigger/ }));
    expect(screen.getByRole("status")).toHaveTextContent("Step 1 of 3");
    expect(screen.getByRole("button", { name: "Step back" })).toBeDisabled();
  });

  it("says that nothing has run yet", () => {
    open([]);
    expect(screen.getByText(/Not a step yet/)).toBeVisible();
  });

  it("is only looked at", () => {
    const { store } = open(STEPS);
    store.getState().edit((before) => ({ ...before, description: "changed" }), { label: "Change" });
    expect(store.getState().history.present.description).toBe("A story");
  });
});
