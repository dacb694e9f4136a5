/** What the parts of the desk may ask of it. */
import { createContext, use } from "react";

import type { CannedReply } from "../api/console-types";
import type { Answer } from "./api/requests";
import type { Held } from "./core/model";

export type DeskActions = {
  /** Show a task; null: the list alone. */
  select: (reservationSid: string | null) => void;
  /** Answer an offer or move a task on; what goes wrong is told to the agent, and never thrown. */
  answer: (held: Held, status: Answer, outcome?: string) => Promise<void>;
  /** The task left the agent's hands (transferred, parked, left): show the next one if it was on the screen. */
  leave: (held: Held) => void;
  /** Show what a macro will do to the task on the screen, and do it when the agent says so. */
  runMacro: (reply: CannedReply) => void;
  toggleCustomer: () => void;
  customerShown: boolean;
  /** Nobody answers: the server cannot be reached. */
  offline: boolean;
};

export const DeskContext = createContext<DeskActions | null>(null);

export function useDesk(): DeskActions {
  const desk = use(DeskContext);
  if (!desk) throw new Error("This part of the screen belongs on the desk.");
  return desk;
}
