import { act, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { Flow, Problem } from "../../api/types";
import { CATALOGUE, story } from "../../testing/catalogue";
import { renderAt, serve } from "../../testing/render";
import { createActions } from "../actions";
import { ActionsContext } from "../actions-context";
import { BuilderContext } from "../context";
import { createBuilderStore } from "../store";
import { createUiStore, UiContext } from "../ui";
import { PublishDialog } from "./PublishDialog";

const FLOW: Flow = {
  sid: "FW1", friendly_name: "Welcome", status: "draft", revision: 1, published_revision: null, definition: story(),
  valid: true, errors: [], warnings: [], date_created: "", date_updated: "",
};
const problem = (severity: Problem["severity"]): Problem => ({ code: 1, severity, message: "Says nothing.", property_path: "#/states/1/properties/body", widget: "ask" });
const PUBLISHED: Flow = { ...FLOW, status: "published", published_revision: 1 };

function open(flow: Partial<Flow>, answer: { status?: number; body: unknown } = { body: PUBLISHED }) {
  const calls = serve(({ path }) => (path === "flows/FW1/publish" ? answer : undefined));
  const store = createBuilderStore({ flow: { ...FLOW, ...flow }, catalogue: CATALOGUE });
  const ui = createUiStore(false);
  ui.getState().set({ dialog: "publish" });
  renderAt(
    <BuilderContext value={store}>
      <UiContext value={ui}>
        <ActionsContext value={createActions({ store, ui })}>
          <PublishDialog />
        </ActionsContext>
      </UiContext>
    </BuilderContext>,
  );
  return { store, ui, sent: () => calls.filter(({ path }) => path === "flows/FW1/publish").length };
}

describe("publishing", () => {
  it("is kept back by errors, says so, and goes on once they are repaired", async () => {
    const { store, ui, sent } = open({ errors: [problem("error")], warnings: [problem("warning")] });
    const publish = await screen.findByRole("button", { name: "Publish flow" });
    expect(publish).toHaveAttribute("aria-disabled", "true");
    expect(publish).toHaveAccessibleDescription(expect.stringContaining("1 error, 1 warning. Errors have to be repaired first.") as string);

    publish.focus();
    await userEvent.keyboard("{Enter}");
    expect(screen.getByRole("alert", { name: "Not published" })).toBeVisible();
    expect(sent()).toBe(0);

    act(() => store.getState().setProblems([problem("warning")]));
    expect(screen.queryByRole("alert", { name: "Not published" })).not.toBeInTheDocument();
    expect(publish).toHaveAttribute("aria-disabled", "false");
    await userEvent.click(publish);
    expect(sent()).toBe(1);
    expect(store.getState().meta.status).toBe("published");
    expect(ui.getState().dialog).toBeNull();
  });

  it("shows what the server refuses, and leads to the widgets", async () => {
    const { store, ui } = open({}, { status: 400, body: { code: 81022, message: "The flow has errors.", status: 400, details: { errors: [problem("error")] } } });

    await userEvent.click(await screen.findByRole("button", { name: "Publish flow" }));
    expect(await screen.findByRole("alert", { name: "Not published" })).toHaveTextContent("The flow has errors.");
    expect(store.getState().problems.map(({ key }) => key)).toEqual(["ask"]);
    expect(screen.getByRole("button", { name: "Publish flow" })).toHaveAttribute("aria-disabled", "true");
    await userEvent.click(screen.getByRole("button", { name: "Show them at the widgets" }));
    expect(ui.getState()).toMatchObject({ dialog: null, problemsOpen: true });
  });
});
