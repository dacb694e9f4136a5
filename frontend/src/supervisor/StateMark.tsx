import { IconAlertTriangle, IconBell } from "@tabler/icons-react";

import { STATE_NAMES } from "./core/text";
import type { State } from "./types";

/** What a figure's colour says, for those who do not see it. */
export function StateMark({ state }: { state: State }) {
  if (state !== "warning" && state !== "alarm") return null;
  const Mark = state === "alarm" ? IconBell : IconAlertTriangle;
  return (
    <>
      <Mark className="state-mark" size={14} stroke={2} aria-hidden />
      <span className="visually-hidden">, {STATE_NAMES[state]}</span>
    </>
  );
}
