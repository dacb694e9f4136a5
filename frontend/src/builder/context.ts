import { createContext, use } from "react";
import { useStore } from "zustand";

import type { Options } from "../api/types";
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

/** What the pickers offer: workflows, task channels, flows. */
export function useOptions(): Options {
  return use(OptionsContext);
}
