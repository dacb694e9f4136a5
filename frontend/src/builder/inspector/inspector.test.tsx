import { act, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { Flow, JsonObject } from "../../api/types";
import { CATALOGUE, state as stateOfType, story } from "../../testing/catalogue";
import { renderAt, serve } from "../../testing/render";
import { createActions } from "../actions";
import { ActionsContext } from "../actions-context";
import { BuilderContext } from "../context";
import { stateOf } from "../core/model";
import { createBuilderStore } from "../store";
import { createUiStore, UiContext } from "../ui";
import { Inspector } from "./Inspector";
import { choiceLabel, fieldsOf, jsonProblem, unknownProperties } from "./schema";

const SAMPLE = { execution_sid: "FN1", contact: "+1555", revision: 1, date_created: "2026-01-01T00:00:00Z", context: { widgets: { ask: { inbound: { Body: "Ada" } } } } };

function open(select: string[], change: Partial<Flow> = {}) {
  serve(({ path }) => (path.includes("/sample") ? { body: { sample: SAMPLE } } : path === "flows/preview" ? { body: { text: "Hello Ada", errors: [], blank: ["widgets.ask.x"] } } : undefined));
  const flow: Flow = {
    sid: "FW1", friendly_name: "Welcome", status: "draft", revision: 1, published_revision: null, definition: story(),
    valid: true, errors: [], warnings: [], date_created: "", date_updated: "", ...change,
  };
  const store = createBuilderStore({ flow, catalogue: CATALOGUE });
  const ui = createUiStore(true);
  store.getState().select(select);
  renderAt(
    <BuilderContext value={store}>
      <UiContext value={ui}>
        <ActionsContext value={createActions({ store, ui })}>
          <Inspector />
        </ActionsContext>
      </UiContext>
    </BuilderContext>,
  );
  return { store, named: (key: string) => stateOf(store.getState().history.present, key) };
}

describe("the inspector", () => {
  it("is closed while nothing is selected", () => {
    open([]);
    expect(screen.queryByRole("region", { name: "Inspector" })).not.toBeInTheDocument();
  });

  it("draws a form from the widget's schema and writes what is typed", async () => {
    const { named } = open(["ask"]);

    const wait = screen.getByLabelText("Stop waiting after");
    await userEvent.clear(wait);
    await userEvent.type(wait, "120");

    expect(named("ask")?.properties.timeout).toBe("120");
    expect(screen.getByText("2 min")).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: "Message" })).toHaveTextContent("Yes or no?");
  });

  it("connects an exit from a list", async () => {
    const { named } = open(["ask"]);

    await userEvent.click(screen.getByRole("combobox", { name: "No Reply leads to" }));
    const options = await screen.findAllByRole("option");
    expect(options.map((option) => option.textContent)).not.toContain("Trigger");
    await userEvent.click(screen.getByRole("option", { name: "thanks" }));

    expect(named("ask")?.transitions[1]).toEqual({ event: "timeout", next: "thanks" });
  });

  it("renames with all references, and refuses a taken name", async () => {
    const { named } = open(["ask"]);
    const name = screen.getByLabelText("Name");

    await userEvent.clear(name);
    await userEvent.type(name, "split");
    expect(screen.getByText("Another widget of this flow has this name.")).toBeVisible();
    await userEvent.clear(name);
    await userEvent.type(name, "question{Enter}");

    expect(named("ask")).toBeNull();
    expect(named("split")?.properties.input).toBe("{{widgets.question.inbound.Body}}");
    expect(screen.getByLabelText("Name")).toHaveValue("question");
  });

  it("edits the conditions of a split and keeps Studio's form", async () => {
    const { named } = open(["split"]);

    await userEvent.click(screen.getByRole("button", { name: "Add condition" }));
    await userEvent.type(screen.getByLabelText("Condition 2: value"), "no");
    await userEvent.click(screen.getByRole("button", { name: "Condition 2: move up" }));

    expect(named("split")?.transitions.slice(1)).toEqual([
      { event: "match", conditions: [{ friendly_name: "If value equal_to no", arguments: ["{{widgets.ask.inbound.Body}}"], type: "equal_to", value: "no" }] },
      { event: "match", next: "thanks", conditions: [{ friendly_name: "If value equal_to yes", arguments: ["{{widgets.ask.inbound.Body}}"], type: "equal_to", value: "yes" }] },
    ]);

    await userEvent.click(screen.getByRole("button", { name: "Condition 1: remove" }));
    expect(screen.queryByLabelText("Condition 2: value")).not.toBeInTheDocument();
  });

  it("shows problems at the field, at the exit and above", () => {
    const problem = (property_path: string, message: string) => ({ code: 1, severity: "error" as const, message, property_path, widget: "ask" });
    open(["ask"], { errors: [problem("#/states/1/properties/timeout", "Too long."), problem("#/states/1/transitions/1", "Leads nowhere."), problem("#/states/1", "Never used.")] });

    const inspector = within(screen.getByRole("region", { name: "Inspector" }));
    expect(inspector.getByLabelText("Stop waiting after")).toHaveAccessibleDescription(expect.stringContaining("Too long.") as string);
    expect(inspector.getByText("Leads nowhere.")).toBeVisible();
    expect(inspector.getByText("Never used.")).toBeVisible();
  });

  it("shows what a text will say with the values of the last execution", async () => {
    open(["thanks"]);
    const preview = await screen.findByRole("group", { name: "Preview" });
    expect(preview).toHaveTextContent("Hello Ada");
    expect(preview).toHaveTextContent("Without a value then: widgets.ask.x");
  });

  it("edits a note", async () => {
    const { store } = open(["note:note1"], { definition: { ...story(), notes: [{ id: "note1", text: "Why", x: 0, y: 0, width: 100, height: 50, color: "amber" }] } });
    await userEvent.type(screen.getByLabelText("Text"), "!");
    await userEvent.click(screen.getByRole("button", { name: "Colour blue" }));
    expect(store.getState().history.present.notes).toMatchObject([{ id: "note1", text: "Why!", color: "blue" }]);
    await userEvent.click(screen.getByRole("button", { name: "Delete" }));
    expect(store.getState().history.present.notes).toBeUndefined();
  });

  it("offers what can be done with several widgets", async () => {
    const { store } = open(["ask", "split"]);
    expect(screen.getByText("2 widgets selected")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Delete" }));
    expect(store.getState().history.present.states.map((one) => one.name)).toEqual(["Trigger", "thanks"]);
  });

  it("counts widgets and notes apart, and offers for notes what can be done with them", async () => {
    const note = (id: string, x: number) => ({ id, text: id, x, y: 0, width: 100, height: 60, color: "amber" });
    const { store } = open(["ask", "note:one", "note:two"], { definition: { ...story(), notes: [note("one", 500), note("two", 740)] } });
    expect(screen.getByText("1 widget and 2 notes selected")).toBeVisible();

    act(() => store.getState().select(["note:one", "note:two"]));
    expect(await screen.findByText("2 notes selected")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Move to a subflow" })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Align left edges" }));
    expect(store.getState().history.present.notes).toMatchObject([{ x: 500 }, { x: 500 }]);
    await userEvent.click(screen.getByRole("button", { name: "Delete" }));
    expect(store.getState().history.past.at(-1)?.label).toBe("Delete 2 notes");
  });
});

describe("the form's schema", () => {
  const schema: JsonObject = {
    properties: {
      method: { anyOf: [{ enum: ["GET", "POST"] }, { pattern: "\\{\\{" }] },
      url: { type: "string", title: "Address", "x-control": "url" },
      old: { type: "string", "x-control": "hidden" },
      count: { type: ["string", "integer"] },
      offset: { type: "object" },
    },
    required: ["url"],
  };

  it("takes the control from the hint, else from the type, and leaves hidden ones out", () => {
    expect(fieldsOf(schema, stateOfType("h", "x")).map(({ name, control, required, choices }) => [name, control, required, choices])).toEqual([
      ["method", "select", false, ["GET", "POST"]],
      ["url", "url", true, []],
      ["count", "liquid", false, []],
    ]);
  });

  it("finds properties the schema does not know", () => {
    expect(unknownProperties(schema, stateOfType("h", "x", {}, { url: "u", strange: 1 }))).toEqual(["strange"]);
  });

  it("requires what the case at hand requires", () => {
    const cases: JsonObject = { properties: { kind: { enum: ["a", "b"] }, one: { type: "string" }, two: { type: "string" } }, if: { properties: { kind: { const: "a" } } }, then: { required: ["one"] }, else: { required: ["two"] } };
    const required = (kind: string) => fieldsOf(cases, stateOfType("h", "x", {}, { kind })).filter((field) => field.required).map((field) => field.name);
    expect([required("a"), required("b")]).toEqual([["one"], ["two"]]);
  });

  it("lets templates into JSON and says what else is wrong", () => {
    expect(jsonProblem('{"a": {{x | to_json}}, "b": "{{y}}"}')).toBeNull();
    expect(jsonProblem("{% if x %}{}{% endif %}")).toBeNull();
    expect(jsonProblem("{a: 1}")).toContain("Not valid JSON");
  });

  it("writes choices as words", () => {
    expect(["content_template", "GET", "LatestDraft"].map(choiceLabel)).toEqual(["Content template", "GET", "Newest draft (test users)"]);
  });
});
