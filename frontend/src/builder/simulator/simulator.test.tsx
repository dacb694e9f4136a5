import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { Flow, JsonObject } from "../../api/types";
import { CATALOGUE, story } from "../../testing/catalogue";
import { renderAt, serve } from "../../testing/render";
import { createActions } from "../actions";
import { ActionsContext } from "../actions-context";
import { toggleSimulator } from "../commands";
import { BuilderContext } from "../context";
import { createBuilderStore } from "../store";
import { createUiStore, UiContext } from "../ui";
import { SimulatorPanel } from "./SimulatorPanel";

function open() {
  const flow: Flow = {
    sid: "FW1", friendly_name: "Welcome", status: "draft", revision: 1, published_revision: null, definition: story(),
    valid: true, errors: [], warnings: [], date_created: "", date_updated: "",
  };
  const store = createBuilderStore({ flow, catalogue: CATALOGUE });
  const ui = createUiStore(true);
  toggleSimulator(ui);
  renderAt(
    <BuilderContext value={store}>
      <UiContext value={ui}>
        <ActionsContext value={createActions({ store, ui })}>
          <SimulatorPanel />
        </ActionsContext>
      </UiContext>
    </BuilderContext>,
  );
  return ui;
}

const session = (change: object) => ({ status: "active", current: "ask", wait: null, context: { flow: { variables: { name: "Bo" } } }, ended: null, visit: { seq: 2 }, frames: [], ...change });
const ANSWERS: Record<string, object> = {
  trigger_fired: {
    session: session({ wait: { kind: "reply", ref: 1, due_at: "2026-01-15T13:00:00Z" } }),
    commands: [{ type: "send_message", ref: 1, body: "Yes or no?" }],
    steps: [{ seq: 1, event: "incomingMessage", widget_type: "trigger", name: "Trigger", changes: {}, transition: 0, parent_seq: null }],
    warnings: [],
  },
  reply_received: {
    session: session({ current: "split", wait: { kind: "http", ref: 2, due_at: null }, visit: { seq: 3 } }),
    commands: [{ type: "call_http", ref: 2, method: "GET", url: "https://x.example" }],
    steps: [{ seq: 2, event: "incomingMessage", widget_type: "send-and-wait-for-reply", name: "ask", changes: {}, transition: 0, parent_seq: null }],
    warnings: [{ code: 81005, message: "Odd." }],
  },
  http_answered: { session: session({ status: "ended", current: null, ended: { reason: "completed", code: null, message: "" } }), commands: [], steps: [], warnings: [] },
};

function serveEngine() {
  return serve(({ path, method, body }) => {
    if (path === "flows/simulate") return { body: ANSWERS[((body as JsonObject).event as JsonObject).type as string] };
    if (path === "flows/FW1/tests" && method === "POST") return { status: 201, body: { sid: "FX1" } };
    if (path === "flows/FW1/tests") return { body: { tests: [{ sid: "FX1", name: "Says yes", author: "Ana" }] } };
    if (path === "flows/FW1/tests/run") {
      return {
        body: {
          passed: 0, failed: 1,
          results: [{ test_sid: "FX1", id: "Says yes", passed: false, differences: [{ what: "outcome", expected: "ended", actual: "waiting:ask" }] }],
          coverage: { widgets: { visited: 2, total: 4, missed: ["split", "thanks"] }, transitions: { visited: 1, total: 8, missed: [["split", 0, "noMatch"]] } },
        },
      };
    }
    return undefined;
  });
}

describe("the simulator", () => {
  it("talks, asks for a call's answer, lights the way, and keeps it as a test", async () => {
    const calls = serveEngine();
    const ui = open();

    await userEvent.click(screen.getByRole("button", { name: "Start conversation" }));
    const log = await screen.findByRole("log", { name: "Simulated messages" });
    expect(within(log).getByText("Yes or no?")).toBeVisible();
    expect(ui.getState().trace).toMatchObject({ current: "ask", links: new Set(["Trigger/t0"]) });

    await userEvent.type(screen.getByLabelText("Message to the flow"), "yes{Enter}");
    const form = await screen.findByRole("form", { name: "Answer of the endpoint" });
    expect(within(log).getByText("81005: Odd.")).toBeVisible();
    await userEvent.click(within(form).getByRole("button", { name: "Answer" }));
    expect(await within(log).findByText("The flow has ended")).toBeVisible();

    await userEvent.click(screen.getByRole("button", { name: "Save as test" }));
    await userEvent.type(await screen.findByLabelText("Name"), "Says yes");
    await userEvent.click(screen.getByRole("button", { name: "Save test" }));
    await waitFor(() =>
      expect(calls.find((call) => call.path === "flows/FW1/tests" && call.method === "POST")?.body).toMatchObject({
        name: "Says yes",
        story: { steps: [{ in: "yes" }], http: { split: [{ status: 200, json: {} }] }, expect: { outcome: "ended", path: ["Trigger", "ask"] } },
      }),
    );
  });

  it("answers the same widget by itself the next time, until it is told to ask again", async () => {
    const calls = serveEngine();
    open();
    const talk = async () => {
      await userEvent.click(screen.getByRole("button", { name: "Start conversation" }));
      await userEvent.type(await screen.findByLabelText("Message to the flow"), "yes{Enter}");
    };

    await talk();
    await userEvent.click(await screen.findByRole("button", { name: "Answer" }));
    await userEvent.click(await screen.findByRole("button", { name: "Start anew" }));
    await talk();
    expect(await screen.findByText("The flow has ended")).toBeVisible();
    expect(calls.filter((call) => call.path === "flows/simulate")).toHaveLength(6);

    await userEvent.click(screen.getByRole("tab", { name: "Variables" }));
    await userEvent.click(await screen.findByRole("button", { name: "Forget the answer for split" }));
    expect(screen.queryByText("Remembered answers")).not.toBeInTheDocument();
  });

  it("sends variables set by hand with the next event", async () => {
    const calls = serveEngine();
    open();

    await userEvent.click(screen.getByRole("button", { name: "Start conversation" }));
    await screen.findByLabelText("Message to the flow");
    await userEvent.click(screen.getByRole("tab", { name: "Variables" }));
    await userEvent.type(await screen.findByLabelText("name"), "b");
    await userEvent.click(screen.getByRole("tab", { name: "Chat" }));
    await userEvent.type(await screen.findByLabelText("Message to the flow"), "yes{Enter}");

    await screen.findByRole("form", { name: "Answer of the endpoint" });
    expect(calls.at(-1)?.body).toMatchObject({ session: { context: { flow: { variables: { name: "Bob" } } } } });
  });

  it("says why a flow cannot go on, and begins again", async () => {
    serve(() => ({ status: 400, body: { code: 81022, message: "The flow has errors.", status: 400 } }));
    open();

    await userEvent.click(screen.getByRole("button", { name: "Start conversation" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The flow has errors.");
    expect(screen.getByRole("button", { name: "Start conversation" })).toBeEnabled();
  });

  it("runs the tests kept with the flow and paints what they miss", async () => {
    serveEngine();
    const ui = open();

    await userEvent.click(screen.getByRole("tab", { name: "Tests" }));
    await userEvent.click(await screen.findByRole("button", { name: "Run all" }));
    expect(await screen.findByText("0 passed, 1 failed")).toBeVisible();
    expect(screen.getByText("waiting:ask")).toBeVisible();
    expect(ui.getState().trace).toMatchObject({ kind: "coverage", widgets: new Set(["Trigger", "ask"]) });
    await userEvent.click(screen.getByRole("button", { name: "Take it off the canvas" }));
    expect(ui.getState().trace).toBeNull();
  });
});
