import { createContext, use } from "react";

import type { BuilderActions } from "./actions";

export const ActionsContext = createContext<BuilderActions | null>(null);

export function useBuilderActions(): BuilderActions {
  const actions = use(ActionsContext);
  if (!actions) throw new Error("This part of the builder needs an ActionsContext above it.");
  return actions;
}
