/**
 * The state of one open builder: the definition with its history, what is selected, what is saved and
 * what is wrong. No React and no requests in here; saving.ts moves it to the server and back.
 */
import { createStore, type StoreApi } from "zustand/vanilla";

import type { ConflictDetails, Definition, Flow, Problem } from "../api/types";
import { same } from "./core/diff";
import { record, redo, startHistory, undo, type History } from "./core/history";
import { settled } from "./core/layout";
import { asDefinition, indexOf, keysOf, type Catalogue } from "./core/model";
import { noteKey, notesOf } from "./core/notes";
import { placeProblems, type PlacedProblem } from "./core/problems";

export type SaveState =
  | { kind: "saved" }
  | { kind: "changed" }
  | { kind: "saving" }
  | { kind: "failed"; message: string }
  | { kind: "conflict"; details: ConflictDetails };

export type FlowMeta = {
  sid: string;
  friendlyName: string;
  status: Flow["status"];
  revision: number;
  publishedRevision: number | null;
  dateUpdated: string;
};

export type Edit = {
  label: string;
  /** Edits of one group that follow each other closely are undone together. */
  group?: string;
  /** What is selected afterwards; unchanged when left out. */
  select?: readonly string[];
};

export type BuilderState = {
  catalogue: Catalogue;
  /** Only looked at, as a past execution's revision is: edits change nothing. */
  readOnly: boolean;
  meta: FlowMeta;
  history: History<Definition>;
  /** What the server has; compared by identity. */
  saved: { definition: Definition; friendlyName: string };
  save: SaveState;
  selection: readonly string[];
  selectedLink: string | null;
  problems: readonly PlacedProblem[];
  checking: boolean;

  edit: (change: (definition: Definition) => Definition, edit: Edit) => void;
  undo: () => void;
  redo: () => void;
  select: (keys: readonly string[]) => void;
  selectLink: (id: string | null) => void;
  rename: (friendlyName: string) => void;
  setSave: (save: SaveState) => void;
  /** Take the server's answer to a save of `sent`; edits made meanwhile stay unsaved. */
  accept: (flow: Flow, sent: { definition: Definition; friendlyName: string }) => void;
  /** Take over what the server has, as one step that can be undone. */
  adopt: (flow: Flow, label: string) => void;
  /** Put another's revision and what is on the canvas together; the result is not saved yet. */
  combine: (flow: Flow, merged: Definition, label: string) => void;
  setProblems: (problems: readonly Problem[]) => void;
  setChecking: (checking: boolean) => void;
};

export type BuilderStore = StoreApi<BuilderState>;

export function metaOf(flow: Flow): FlowMeta {
  return {
    sid: flow.sid,
    friendlyName: flow.friendly_name,
    status: flow.status,
    revision: flow.revision,
    publishedRevision: flow.published_revision,
    dateUpdated: flow.date_updated,
  };
}

/** :raises Error: the server's definition cannot be drawn at all. */
function drawable(flow: Flow, catalogue: Catalogue): Definition {
  const definition = asDefinition(flow.definition);
  if (!definition) throw new Error("The definition of this flow has no list of widgets and cannot be drawn.");
  return settled(definition, catalogue);
}

/** A history that was kept in the browser, the revision it had come to, and which of its values that revision was. */
export type Kept = { history: History<Definition>; revision: number; saved: Definition };

/**
 * Where a kept history meets what the server has now.
 *
 * The same revision: all of it, unsaved changes included. A newer one: with unsaved changes it goes on from the old
 * revision, so that the next save meets the conflict and puts both together; without, the newer one is one more step.
 */
function resumed({ history, revision, saved }: Kept, flow: Flow, definition: Definition): Kept {
  // Of equal values the server's is taken: what is saved is told by identity. Cards that lay over each other are drawn
  // apart, which is no change of anybody's.
  if (same(history.present, definition) || same(history.present, flow.definition)) return { history: { ...history, present: definition }, revision: flow.revision, saved: definition };
  const isUnsaved = !same(history.present, saved);
  if (isUnsaved && revision <= flow.revision) return { history, revision, saved };
  const label = `Changes since revision ${revision}`;
  return { history: record(history, definition, label, Date.now()), revision: flow.revision, saved: definition };
}

export function isDirty(state: BuilderState): boolean {
  return state.history.present !== state.saved.definition || state.meta.friendlyName !== state.saved.friendlyName;
}

type Start = {
  flow: Flow;
  catalogue: Catalogue;
  readOnly?: boolean;
  /** What this browser still knows of an earlier visit. */
  kept?: Kept | null;
};

export function createBuilderStore({ flow, catalogue, readOnly = false, kept = null }: Start): BuilderStore {
  const definition = drawable(flow, catalogue);
  const begun = kept ? resumed(kept, flow, definition) : { history: startHistory(definition), revision: flow.revision, saved: definition };
  return createStore<BuilderState>()((set, get) => {
    const go = (history: History<Definition>) => {
      const keys = new Set([...keysOf(history.present), ...notesOf(history.present).map((note) => noteKey(note.id))]);
      set((state) => ({
        history,
        selection: state.selection.filter((key) => keys.has(key)),
        selectedLink: null,
        problems: placeProblems(history.present, state.problems),
      }));
      settleSave();
    };
    const settleSave = () => {
      const state = get();
      if (state.save.kind === "saving" || state.save.kind === "conflict") return;
      set({ save: { kind: isDirty(state) ? "changed" : "saved" } });
    };
    return {
      catalogue,
      readOnly,
      meta: { ...metaOf(flow), revision: begun.revision },
      history: begun.history,
      saved: { definition: begun.saved, friendlyName: flow.friendly_name },
      save: { kind: begun.history.present === begun.saved ? "saved" : "changed" },
      selection: [],
      selectedLink: null,
      problems: placeProblems(begun.history.present, [...flow.errors, ...flow.warnings]),
      checking: false,

      edit: (change, { label, group, select }) => {
        if (readOnly) return;
        const { history } = get();
        const changed = change(history.present);
        if (changed === history.present) return;
        go(record(history, changed, label, Date.now(), group));
        if (select) set({ selection: select, selectedLink: null });
      },
      undo: () => go(undo(get().history)),
      redo: () => go(redo(get().history)),
      select: (keys) => set({ selection: keys, selectedLink: null }),
      selectLink: (id) => set({ selectedLink: id, selection: [] }),
      rename: (friendlyName) => {
        set((state) => ({ meta: { ...state.meta, friendlyName } }));
        settleSave();
      },
      setSave: (save) => set({ save }),
      accept: (answer, sent) => {
        set((state) => ({
          meta: { ...metaOf(answer), friendlyName: state.meta.friendlyName },
          saved: sent,
          save: { kind: "saved" },
          problems: placeProblems(state.history.present, [...answer.errors, ...answer.warnings]),
        }));
        settleSave();
      },
      adopt: (answer, label) => {
        const adopted = drawable(answer, catalogue);
        set((state) => ({
          meta: metaOf(answer),
          history: record(state.history, adopted, label, Date.now()),
          saved: { definition: adopted, friendlyName: answer.friendly_name },
          save: { kind: "saved" },
          selection: state.selection.filter((key) => indexOf(adopted, key) >= 0),
          selectedLink: null,
          problems: placeProblems(adopted, [...answer.errors, ...answer.warnings]),
        }));
      },
      combine: (answer, merged, label) => {
        const theirs = drawable(answer, catalogue);
        set((state) => {
          const ownName = state.meta.friendlyName !== state.saved.friendlyName ? state.meta.friendlyName : answer.friendly_name;
          return {
            meta: { ...metaOf(answer), friendlyName: ownName },
            saved: { definition: theirs, friendlyName: answer.friendly_name },
            save: { kind: "changed" },
            problems: placeProblems(merged, state.problems),
          };
        });
        go(record(get().history, settled(merged, catalogue), label, Date.now()));
      },
      setProblems: (problems) => set((state) => ({ problems: placeProblems(state.history.present, problems) })),
      setChecking: (checking) => set({ checking }),
    };
  });
}
