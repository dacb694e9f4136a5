import { describe, expect, it, vi } from "vitest";

import { ApiError } from "../api/client";
import type { Flow } from "../api/types";
import { CATALOGUE, story } from "../testing/catalogue";
import { serve, type Call } from "../testing/render";
import { createActions } from "./actions";
import { same } from "./core/diff";
import { connect, setProperty } from "./core/edits";
import { arrange } from "./core/layout";
import { linksOf, namesOf, stateOf } from "./core/model";
import { follow, publish, publishErrors, saveDraft } from "./saving";
import { createBuilderStore, isDirty } from "./store";
import { createUiStore } from "./ui";

function flowOf(change: Partial<Flow> = {}): Flow {
  return {
    sid: "FW1", friendly_name: "Welcome", status: "draft", revision: 4, published_revision: 2, definition: arrange(story(), CATALOGUE),
    valid: true, errors: [], warnings: [], date_created: "2026-01-01T00:00:00Z", date_updated: "2026-01-01T00:00:00Z", ...change,
  };
}

function open(change: Partial<Flow> = {}) {
  const store = createBuilderStore({ flow: flowOf(change), catalogue: CATALOGUE });
  const ui = createUiStore(true);
  return { store, ui, actions: createActions({ store, ui }), state: () => store.getState() };
}

const say = (body: string) => (definition: ReturnType<typeof story>) => setProperty(definition, "ask", "body", body);
/** A server that takes every save as the next revision. */
const saving = () => serve(({ body, path }) => ({ body: flowOf({ revision: 5, definition: (body as { definition: Flow["definition"] }).definition, ...(path.endsWith("publish") ? { status: "published", published_revision: 5 } : {}) }) }));

describe("the builder's state", () => {
  it("is clean until something changes, and clean again when that is undone", () => {
    const { state } = open();
    expect(isDirty(state())).toBe(false);

    state().edit(say("Hm?"), { label: "Change ask" });
    expect([isDirty(state()), state().save.kind]).toEqual([true, "changed"]);

    state().undo();
    expect([isDirty(state()), state().save.kind]).toEqual([false, "saved"]);
  });

  it("forgets selected widgets that an undo takes away", () => {
    const { state, actions } = open();
    actions.addWidget(CATALOGUE.get("send-message")!, { at: { x: 0, y: 0 }, wire: null });
    expect(state().selection).toEqual(["send_message"]);

    state().undo();
    expect(state().selection).toEqual([]);
  });

  it("refuses a definition that cannot be drawn, in words", () => {
    expect(() => open({ definition: { initial_state: "x", states: "none" } as unknown as Flow["definition"] })).toThrow("cannot be drawn");
  });
});

describe("saving", () => {
  it("sends the definition and the revision it was made from", async () => {
    const calls = saving();
    const { store, state } = open();
    state().edit(say("Hm?"), { label: "Change ask" });

    expect(await saveDraft(store)).toBe(true);
    expect(calls).toMatchObject([{ method: "PUT", path: "flows/FW1/draft", body: { base_revision: 4, friendly_name: "Welcome" } }]);
    expect([state().save.kind, state().meta.revision, isDirty(state())]).toEqual(["saved", 5, false]);
  });

  it("asks nothing of the server when there is nothing to save", async () => {
    const calls = saving();
    expect(await saveDraft(open().store)).toBe(true);
    expect(calls).toEqual([]);
  });

  it("keeps edits made while a save is under way unsaved", async () => {
    const { store, state } = open();
    serve(() => {
      state().edit(say("Later"), { label: "Change ask" });
      return { body: flowOf({ revision: 5 }) };
    });
    state().edit(say("First"), { label: "Change ask" });

    expect(await saveDraft(store)).toBe(false);
    expect([state().save.kind, state().meta.revision, isDirty(state())]).toEqual(["changed", 5, true]);
  });

  const details = { revision: 9, author: "Ben", date_updated: "2026-01-02T00:00:00Z" };
  /** A server on which somebody has saved `theirs` as revision 9 in between. */
  const contested = (theirs: Flow["definition"]): Call[] =>
    serve(({ method, body }) => {
      if (method === "GET") return { body: flowOf({ revision: 9, definition: theirs }) };
      const { base_revision, definition } = body as { base_revision: number; definition: Flow["definition"] };
      return base_revision === 9
        ? { body: flowOf({ revision: 10, definition }) }
        : { status: 409, body: { code: 20409, message: "Somebody saved.", status: 409, details } };
    });

  it("puts another's changes and mine together by itself where they are of different things", async () => {
    const theirs = connect(flowOf().definition, { source: "ask", exit: "t1", target: "thanks" });
    const calls = contested(theirs);
    const { store, state } = open();
    state().edit(say("Mine"), { label: "Change ask" });

    expect(await saveDraft(store)).toBe(true);
    expect(stateOf(state().history.present, "ask")).toMatchObject({ properties: { body: "Mine" }, transitions: [{}, { next: "thanks" }, {}] });
    expect([state().meta.revision, isDirty(state())]).toEqual([10, false]);
    expect(calls.at(-1)?.body).toMatchObject({ base_revision: 9, commit_message: "Combined with revision 9 of Ben" });
    state().undo();
    expect(stateOf(state().history.present, "ask")?.transitions[1]).toEqual({ event: "timeout" });
  });

  it("stops at a contradiction until somebody has chosen, then saves the choice", async () => {
    const theirs = say("Theirs")(flowOf().definition);
    contested(theirs);
    const { store, state } = open();
    state().edit(say("Mine"), { label: "Change ask" });

    expect(await saveDraft(store)).toBe(false);
    expect(state().save).toEqual({ kind: "conflict", details });
    expect(await saveDraft(store)).toBe(false);

    state().combine(flowOf({ revision: 9, definition: theirs }), state().history.present, "Combine");
    expect(await saveDraft(store)).toBe(true);
    expect([state().meta.revision, stateOf(state().history.present, "ask")?.properties.body]).toEqual([10, "Mine"]);
  });

  it("knows its own save again whose answer never came", async () => {
    const { store, state } = open();
    state().edit(say("Mine"), { label: "Change ask" });
    contested(state().history.present);

    expect(await saveDraft(store)).toBe(true);
    expect([state().meta.revision, state().save.kind]).toEqual([9, "saved"]);
  });

  it("follows another's save while there is nothing of one's own", async () => {
    const theirs = say("Theirs")(flowOf().definition);
    contested(theirs);
    const { store, state } = open();

    await follow(store, "Ben");
    expect([state().meta.revision, stateOf(state().history.present, "ask")?.properties.body, isDirty(state())]).toEqual([9, "Theirs", false]);
    state().undo();
    state().edit(say("Mine"), { label: "Change ask" });
    await follow(store, "Ben");
    expect(stateOf(state().history.present, "ask")?.properties.body).toBe("Mine");
  });

  it("takes over the other's work as a step that can be undone", () => {
    const { state } = open();
    state().edit(say("Mine"), { label: "Change ask" });
    const mine = state().history.present;

    state().adopt(flowOf({ revision: 9, definition: connect(flowOf().definition, { source: "ask", exit: "t1", target: "thanks" }) }), "Take over");
    expect([isDirty(state()), state().meta.revision]).toEqual([false, 9]);
    state().undo();
    expect(state().history.present).toBe(mine);
  });

  it("says what went wrong and keeps the change", async () => {
    serve(() => ({ status: 500, body: { code: 1, message: "No database.", status: 500 } }));
    const { store, state } = open();
    state().edit(say("Hm?"), { label: "Change ask" });

    expect(await saveDraft(store)).toBe(false);
    expect(state().save).toEqual({ kind: "failed", message: "No database." });
    expect(isDirty(state())).toBe(true);
  });

  it("publishes what is on the canvas, the new name first", async () => {
    const calls = saving();
    const { store, state } = open();
    state().rename("Hello");

    await publish(store, "Because");
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual(["PUT flows/FW1/draft", "POST flows/FW1/publish"]);
    expect(calls[1]?.body).toMatchObject({ base_revision: 5, commit_message: "Because" });
    expect([state().meta.status, state().meta.publishedRevision]).toEqual(["published", 5]);
  });

  it("reads the errors out of a refused publish, and out of nothing else", () => {
    const errors = [{ code: 1, severity: "error" as const, message: "m", property_path: "#/states/0", widget: "Trigger" }];
    expect(publishErrors(new ApiError(81022, "Errors.", 400, { errors }))).toEqual(errors);
    expect(publishErrors(new ApiError(20409, "Conflict.", 409, { revision: 3 }))).toBeNull();
    expect(publishErrors(new Error("x"))).toBeNull();
  });
});

describe("actions", () => {
  it("wire a new widget to the first open exit of the selected one, but to no failure exit", () => {
    const { state, actions } = open();
    state().select(["thanks"]);

    actions.addWidget(CATALOGUE.get("set-variables")!, { at: null, wire: actions.wireOfSelection() });
    expect(linksOf(state().history.present)).toContainEqual({ id: "thanks/t0", source: "thanks", exit: "t0", target: "set_variables" });

    state().select(["thanks"]);
    expect(actions.wireOfSelection()).toBeNull();
  });

  it("never delete the trigger, and say so", () => {
    const { state, actions, ui } = open();
    actions.selectAll();
    actions.removeSelection(false);
    expect([...namesOf(state().history.present)]).toEqual(["Trigger"]);

    state().select(["Trigger"]);
    actions.removeSelection(false);
    expect(ui.getState().announcement).toContain("trigger cannot be deleted");
  });

  it("walk along the exits and back", () => {
    const { state, actions } = open();
    const path = ["down", "down", "down", "down", "up"].map((way) => {
      actions.walk(way as "down" | "up");
      return state().selection[0];
    });
    expect(path).toEqual(["Trigger", "ask", "split", "thanks", "split"]);
  });

  it("paste a whole definition without its trigger, and nothing for other texts", () => {
    const { state, actions } = open();
    expect(actions.paste(JSON.stringify(story()))).toBe(true);
    expect(state().selection).toEqual(["ask_2", "split_2", "thanks_2"]);
    expect(actions.paste("good morning")).toBe(false);
  });

  it("copy without secrets, which come back where they were copied", () => {
    const { state, actions } = open();
    state().edit((before) => setProperty(before, "ask", "headers", [{ key: "Authorization", value: "Bearer 1" }]), { label: "Change ask" });
    state().select(["ask"]);
    const text = actions.copied()!;
    expect(text).not.toContain("Bearer 1");

    const held = (key: string) => stateOf(state().history.present, key)?.properties["headers"];
    actions.paste(text);
    expect(held("ask_2")).toEqual([{ key: "Authorization", value: "Bearer 1" }]);
    const other = open();
    other.actions.paste(text);
    expect(stateOf(other.state().history.present, "ask_2")?.properties["headers"]).toEqual([{ key: "Authorization", value: "${AUTHORIZATION}" }]);
  });

  it("are one step of the history each", () => {
    vi.useFakeTimers();
    const { state, actions } = open();
    const before = state().history.present;
    state().select(["ask"]);

    actions.duplicate();
    actions.tidy();
    actions.removeSelection(true);
    expect(state().history.past.map((step) => step.label)).toEqual(["Duplicate ask", "Tidy up", "Delete ask_2"]);
    actions.undo();
    actions.undo();
    actions.undo();
    expect(state().history.present).toBe(before);
    vi.useRealTimers();
  });
});

describe("a builder opened again", () => {
  const kept = (revision: number) => {
    const { state } = open();
    state().edit(say("First"), { label: "Change ask" });
    const saved = state().history.present;
    state().edit(say("Second"), { label: "Change ask again" });
    return { history: state().history, revision, saved };
  };

  it("has its undo steps and what was not saved", () => {
    const { history, saved } = kept(4);
    const store = createBuilderStore({ flow: flowOf({ definition: saved }), catalogue: CATALOGUE, kept: { history, revision: 4, saved } });
    expect([store.getState().save.kind, store.getState().history.past]).toMatchObject(["changed", [{ label: "Change ask" }, { label: "Change ask again" }]]);
    store.getState().undo();
    expect(store.getState().history.present).toBe(saved);
  });

  it("goes on from the old revision with unsaved work, so that the next save puts both together", () => {
    const { history, saved } = kept(4);
    const store = createBuilderStore({ flow: flowOf({ revision: 6 }), catalogue: CATALOGUE, kept: { history, revision: 4, saved } });
    expect([store.getState().meta.revision, isDirty(store.getState())]).toEqual([4, true]);
  });

  it("takes a newer revision as one more step when all was saved", () => {
    const { history } = kept(4);
    const store = createBuilderStore({ flow: flowOf({ revision: 6 }), catalogue: CATALOGUE, kept: { history, revision: 4, saved: history.present } });
    expect([store.getState().meta.revision, isDirty(store.getState()), store.getState().history.past.at(-1)?.label]).toEqual([6, false, "Changes since revision 4"]);
  });

  it("is clean when the server has what was kept, though it draws what lay over each other apart", () => {
    const { state, actions } = open();
    const saved = state().history.present;
    state().select(["ask"]);
    actions.duplicate();
    const { history } = state();
    // The page was left before it had kept that this was published.
    const store = createBuilderStore({ flow: flowOf({ revision: 5, definition: structuredClone(history.present) }), catalogue: CATALOGUE, kept: { history, revision: 4, saved } });
    expect(same(store.getState().history.present, history.present)).toBe(false);
    expect([store.getState().meta.revision, isDirty(store.getState())]).toEqual([5, false]);
  });

  it("is clean when the server has what was kept, whatever its number", () => {
    const { history, saved } = kept(4);
    const store = createBuilderStore({ flow: flowOf({ revision: 5, definition: structuredClone(history.present) }), catalogue: CATALOGUE, kept: { history, revision: 4, saved } });
    expect([store.getState().meta.revision, isDirty(store.getState())]).toEqual([5, false]);
  });
});
