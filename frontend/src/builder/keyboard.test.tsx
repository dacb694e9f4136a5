import { act, fireEvent, screen } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";

import { CATALOGUE, story } from "../testing/catalogue";
import { renderAt } from "../testing/render";
import { createActions } from "./actions";
import { arrange } from "./core/layout";
import { CodeField } from "./inspector/fields/CodeField";
import { useBuilderKeys } from "./keyboard";
import { createBuilderStore } from "./store";
import { createUiStore } from "./ui";

function open() {
  const flow = {
    sid: "FW1", friendly_name: "Welcome", status: "draft" as const, revision: 4, published_revision: null, definition: arrange(story(), CATALOGUE),
    valid: true, errors: [], warnings: [], date_created: "2026-01-01T00:00:00Z", date_updated: "2026-01-01T00:00:00Z",
  };
  const store = createBuilderStore({ flow, catalogue: CATALOGUE });
  const ui = createUiStore(true);
  const context = { store, ui, actions: createActions({ store, ui }) };
  const changed = vi.fn();
  function Page() {
    useBuilderKeys(context);
    return (
      <>
        <CodeField label="Message" value="Hello" onChange={changed} language="liquid" multiline />
        <input aria-label="Name" />
      </>
    );
  }
  renderAt(<Page />);
  return { ...context, changed };
}

describe("keys in a text field", () => {
  it.each(["Message", "Name"])("publish by Ctrl Enter, and leave what stands in %s alone", async (label) => {
    const { ui, changed } = open();
    const field = await screen.findByRole("textbox", { name: label });
    act(() => field.focus());
    fireEvent.keyDown(field, { key: "Enter", code: "Enter", ctrlKey: true });

    expect(ui.getState().dialog).toBe("publish");
    expect(changed).not.toHaveBeenCalled();
  });

  it("write what would be a command on the canvas", async () => {
    const { store, ui } = open();
    const field = await screen.findByRole("textbox", { name: "Message" });
    const before = store.getState().history;
    for (const key of ["n", "1", "Delete", "?", "t"]) fireEvent.keyDown(field, { key });

    expect([store.getState().history, ui.getState().dialog, ui.getState().simulatorOpen]).toEqual([before, null, false]);
  });
});
