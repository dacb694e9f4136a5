import { createContext, use } from "react";
import { useStore } from "zustand";

import type { Options } from "../api/types";
import type { Names } from "./core/summary";
import type { BuilderState, BuilderStore } from "./store";

export const BuilderContext = createContext<BuilderStore | null>(null);
export const OptionsContext = createContext<Options>({ workflows: [], task_channels: [], flows: [], addresses: [] });

export function useBuilderStore(): BuilderStore {
  const store = use(BuilderContext);
  if (!store) throw new Error("This part of the builder needs a BuilderContext above it.");
  return store;
}

export function useBuilder<T>(selector: (state: BuilderState) => T): T {
  return useStore(useBuilderStore(), selector);
}

/** Friendly names by SID, for the cards. */
export const NamesContext = createContext<Names>(new Map());

export function namesFrom(options: Options): Names {
  return new Map([...options.workflows, ...options.flows].map((entry) => [entry.sid, entry.friendly_name]));
}

export function useNames(): Names {
  return use(NamesContext);
}

/** What the pickers offer: workflows, task channels, flows. */
export function useOptions(): Options {
  return use(OptionsContext);
}
