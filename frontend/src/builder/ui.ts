/** What is open in the builder: panels, dialogs, the quick picker. Nothing of it is part of the flow. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { createContext, use } from "react";
import { useStore } from "zustand";

import type { Keymap } from "../keys/KeysDialog";
import type { Point } from "./core/model";
import type { Definition, ExecutionDetail } from "../api/types";
import type { TrafficView } from "./core/traffic";
import type { Trace } from "./core/trace";
import type { Other } from "./presence/editors";

export type Dialog = "publish" | "revisions" | "settings" | "json" | "shortcuts" | "keys" | "subflow" | null;

/** What a picked widget is wired to, and where it goes. */
export type Picker = {
  /** Where the picker opens, in window pixels. */
  screen: Point;
  /** Where the widget goes, in canvas pixels; null: below what it is wired to, or in the middle. */
  at: Point | null;
  wire: { kind: "exit"; source: string; exit: string } | { kind: "link"; id: string } | { kind: "replace"; key: string } | null;
};

export type SimulationRequest = { kind: "start-at"; widget: string } | { kind: "replay"; execution: ExecutionDetail };

export type UiState = {
  left: "add" | "outline" | null;
  problemsOpen: boolean;
  findOpen: boolean;
  findQuery: string;
  dialog: Dialog;
  picker: Picker | null;
  /** Asks the inspector to put the cursor into a field. */
  focusField: { key: string; field: string; at: number } | null;
  announcement: string;
  simulatorOpen: boolean;
  /** What is painted over the flow. */
  trace: Trace | null;
  /** How many went which way, while that is shown; `trafficOpen` says whether it is asked for. */
  traffic: TrafficView | null;
  trafficOpen: boolean;
  /** What tidying up has made, while one may keep or discard it. */
  tidied: Definition | null;
  /** The keys that this user has changed. */
  keymap: Keymap;
  /** Who else has this flow open. */
  others: readonly Other[];
  /** Asks the simulator to begin at a widget, or to run a past execution's inputs. */
  simulate: SimulationRequest | null;
  set: (change: Partial<Omit<UiState, "set">>) => void;
};

export type UiStore = StoreApi<UiState>;

export function createUiStore(wide: boolean): UiStore {
  return createStore<UiState>()((set) => ({
    left: wide ? "add" : null,
    problemsOpen: false,
    findOpen: false,
    findQuery: "",
    dialog: null,
    picker: null,
    focusField: null,
    announcement: "",
    simulatorOpen: false,
    trace: null,
    traffic: null,
    trafficOpen: false,
    tidied: null,
    keymap: {},
    others: [],
    simulate: null,
    set: (change) => set(change),
  }));
}

export const UiContext = createContext<UiStore | null>(null);

export function useUiStore(): UiStore {
  const store = use(UiContext);
  if (!store) throw new Error("This part of the builder needs a UiContext above it.");
  return store;
}

export function useUi<T>(selector: (state: UiState) => T): T {
  return useStore(useUiStore(), selector);
}
