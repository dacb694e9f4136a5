/**
 * The state of one open builder: the definition with its history, what is selected, what is saved and
 * what is wrong. No React and no requests in here; saving.ts moves it to the server and back.
 */
import { createStore, type StoreApi } from "zustand/vanilla";

import type { ConflictDetails, Definition, Flow, Problem } from "../api/types";
import { record, redo, startHistory, undo, type History } from "./core/history";
import { settled } from "./core/layout";
import { asDefinition, keysOf, type Catalogue } from "./core/model";
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
  /** Go on from the server's revision, keeping what is on the canvas. */
  rebase: (revision: number) => void;
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

export function isDirty(state: BuilderState): boolean {
  return state.history.present !== state.saved.definition || state.meta.friendlyName !== state.saved.friendlyName;
}

export function createBuilderStore({ flow, catalogue, readOnly = false }: { flow: Flow; catalogue: Catalogue; readOnly?: boolean }): BuilderStore {
  const definition = drawable(flow, catalogue);
  return createStore<BuilderState>()((set, get) => {
    const go = (history: History<Definition>) => {
      const keys = new Set(keysOf(history.present));
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
      meta: metaOf(flow),
      history: startHistory(definition),
      saved: { definition, friendlyName: flow.friendly_name },
      save: { kind: "saved" },
      selection: [],
      selectedLink: null,
      problems: placeProblems(definition, [...flow.errors, ...flow.warnings]),
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
          selection: [],
          selectedLink: null,
          problems: placeProblems(adopted, [...answer.errors, ...answer.warnings]),
        }));
      },
      rebase: (revision) => {
        set((state) => ({ meta: { ...state.meta, revision }, save: { kind: "changed" } }));
      },
      setProblems: (problems) => set((state) => ({ problems: placeProblems(state.history.present, problems) })),
      setChecking: (checking) => set({ checking }),
    };
  });
}
