import type { CSSProperties } from "react";

import type { Colours, State } from "../types";

/** The colour of a figure's mark, as the stylesheet takes it. */
export function tinted(state: State, colours: Colours | undefined): CSSProperties {
  const colour = state && colours ? `var(--mantine-color-${colours[state]}-filled)` : "transparent";
  return { "--tile": colour } as CSSProperties;
}
