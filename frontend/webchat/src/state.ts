/** What there is to show of a chat. */

import type { Status } from "./connection";
import { emptyTimeline, type Timeline } from "./timeline";

export type ChatState = {
  timeline: Timeline;
  /** idle: nothing started yet; active: messages go to and fro; closed, expired: over. */
  phase: "idle" | "active" | "closed" | "expired";
  connection: Status;
  /** Who is writing right now, or null. */
  typing: string | null;
  /** The agent in the chat, or null while the flow answers. */
  agent: string | null;
  readIndex: number;
  /** How far agents have read; -1: nothing. */
  agentRead: number;
  /** Where the customer stands while somebody is looked for; null: nobody is. */
  queue: Queue | null;
  /** A message was left: the customer waits no longer. */
  left: boolean;
  /** What the server found wrong with an answer of the form. */
  refused: { field: string; message: string } | null;
  /** What the server said went wrong with the chat as a whole, or null. */
  error: string | null;
};

/** `ahead` null: too many to count. `expected`: seconds, null where nobody knows. */
export type Queue = { ahead: number | null; expected: number | null; since: Date };

/** A chat of which nothing is known yet. */
export const fresh = (): ChatState => ({
  timeline: emptyTimeline,
  phase: "idle",
  connection: "closed",
  typing: null,
  agent: null,
  readIndex: -1,
  agentRead: -1,
  queue: null,
  left: false,
  refused: null,
  error: null,
});
