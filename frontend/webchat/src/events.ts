/** What the server says on the socket (docs/contracts.md, 7), read into values; what makes no sense is left out. */

import type { Queue } from "./state";
import type { Media, Message, QuickReply } from "./timeline";

/** The code of a refusal because of too much at once. */
export const TOO_MANY_REQUESTS = 20429;

export type Heard = Record<string, unknown>;

/** A text of an event; "" where it has none. */
export const textOf = (event: Heard, name: string): string => (typeof event[name] === "string" ? event[name] : "");

export const mediaOf = (event: Heard): readonly Media[] => (Array.isArray(event["media"]) ? (event["media"] as Media[]) : []);

/** Null: it has no place among the messages. */
export function messageOf(event: Heard): Message | null {
  const index = Number(event["index"]);
  if (!Number.isInteger(index)) return null;
  return {
    kind: "message",
    index,
    own: event["source"] === "customer",
    authorName: textOf(event, "author_name") || textOf(event, "author"),
    source: textOf(event, "source"),
    body: textOf(event, "body"),
    media: mediaOf(event),
    quickReplies: Array.isArray(event["quick_replies"]) ? (event["quick_replies"] as QuickReply[]) : [],
    sentAt: new Date(textOf(event, "date_created") || Date.now()),
    ref: textOf(event, "ref") || null,
  };
}

/** Null: the customer waits for nobody (any more). */
export function queueOf(event: Heard): Queue | null {
  if (event["waiting"] !== true) return null;
  const number = (name: string) => (typeof event[name] === "number" ? event[name] : null);
  return { ahead: number("ahead"), expected: number("expected"), since: new Date(String(event["since"])) };
}
