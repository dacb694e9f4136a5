/** What the screens show of the model: offers, tasks, waits, what there is to tell the agent. */
import type { Message, Reservation } from "../../api/types";
import { emptyTranscript, type Transcript } from "./transcript";
import type { Action, Held, Model } from "./model";

/** Offers that wait for an answer, the one that ends first on top. */
export function offersOf(model: Model): readonly Held[] {
  return Object.values(model.reservations)
    .filter((held) => held.status === "pending")
    .sort((a, b) => compare(a.expires_at ?? "~", b.expires_at ?? "~") || compare(a.sid, b.sid));
}

/** Tasks the agent has, in the order they came: nothing moves under the pointer. */
export function tasksOf(model: Model): readonly Held[] {
  return Object.values(model.reservations)
    .filter((held) => held.status === "accepted" || held.status === "wrapping")
    .sort((a, b) => compare(a.date_created, b.date_created) || compare(a.sid, b.sid));
}

export function transcriptOf(model: Model, conversationSid: string | undefined): Transcript {
  return (conversationSid && model.transcripts[conversationSid]) || emptyTranscript;
}

/** Offers, and conversations with something unread: the number in the tab's title. */
export function attentionCount(model: Model): number {
  return offersOf(model).length + tasksOf(model).filter((task) => (task.conversation?.unread ?? 0) > 0).length;
}

/** A name a person can use: the customer's, else the address, else what the task says. */
export function customerName(reservation: Reservation): string {
  const { conversation, task } = reservation;
  const named = task.attributes["customerName"] ?? task.attributes["name"];
  return (
    readableName(conversation?.customer_name ?? "") ||
    (typeof named === "string" && readableName(named)) ||
    readableName(conversation?.customer_address ?? "") ||
    "Unknown customer"
  );
}

/** An address without the channel's prefix: `whatsapp:+34…` is a phone number to an agent. */
export function readableAddress(address: string): string {
  return address.replace(/^[a-z]+:(?=\+?\d)/, "");
}

/** What stands for a name where nobody gave one: an address as a number, a web visitor by four digits. */
export function readableName(name: string): string {
  return readableAddress(name).replace(/^visitor-([0-9a-f]{4})[0-9a-f]+$/, "Visitor $1");
}

/**
 * Since when (ms, server's clock) the customer has been waiting for a person, or null when it is their turn.
 *
 * With the transcript at hand: since the first customer message behind the agent's last one, or, where no agent has
 * written yet, since the task was made. Without it the last message has to do.
 */
export function waitingSince(held: Held, transcript: Transcript, clockSkew: number): number | null {
  if (held.status === "wrapping" || held.conversation?.state === "closed") return null;
  const born = held.taskBornAt + clockSkew;
  const last = held.conversation?.last_message ?? null;
  if (!transcript.loaded) {
    if (!last) return born;
    if (last.source === "customer") return Math.max(Date.parse(last.date_created), born);
    return last.source === "agent" ? null : born;
  }
  const answered = transcript.messages.findLastIndex((message) => message.source === "agent");
  const waiting = transcript.messages.slice(answered + 1).find((message) => message.source === "customer");
  if (answered >= 0) return waiting ? Date.parse(waiting.date_created) : null;
  return born;
}

export type WaitLevel = "none" | "calm" | "warn" | "late";

/** Contact centres turn yellow at three minutes and red at five. */
export function waitLevel(seconds: number | null): WaitLevel {
  if (seconds === null) return "none";
  return seconds < 180 ? "calm" : seconds < 300 ? "warn" : "late";
}

/** The task `steps` further down (or up) the list, round its ends; from nothing, the first or last one. */
export function neighbour(tasks: readonly Held[], selected: string | null, steps: 1 | -1): string | null {
  const at = tasks.findIndex((task) => task.sid === selected);
  if (!tasks.length) return null;
  if (at < 0) return (steps > 0 ? tasks[0] : tasks.at(-1))?.sid ?? null;
  return tasks[(at + steps + tasks.length) % tasks.length]?.sid ?? null;
}

/** The next task below the selected one with unread messages, round the end. */
export function nextUnread(tasks: readonly Held[], selected: string | null): string | null {
  const at = tasks.findIndex((task) => task.sid === selected);
  const order = [...tasks.slice(at + 1), ...tasks.slice(0, at + 1)];
  return order.find((task) => (task.conversation?.unread ?? 0) > 0)?.sid ?? null;
}

export type News =
  | { kind: "offer"; reservation: Held }
  | { kind: "offer gone"; reservation: Held; reason: "timeout" | "rescinded" | "canceled" }
  | { kind: "message"; reservation: Held; message: Message };

/** What an agent who looks elsewhere has to be told about the step from `before` to `after`. */
export function newsOf(before: Model, action: Action, after: Model): readonly News[] {
  if (action.type === "message" && action.message.source === "customer") {
    const task = tasksOf(after).find((held) => held.conversation?.sid === action.conversation);
    const known = before.reservations[task?.sid ?? ""]?.conversation?.last_message?.index ?? -1;
    return task && action.message.index > known ? [{ kind: "message", reservation: task, message: action.message }] : [];
  }
  const news: News[] = [];
  for (const offer of offersOf(after)) {
    if (!before.reservations[offer.sid]) news.push({ kind: "offer", reservation: offer });
  }
  for (const offer of offersOf(before)) {
    const reason = after.ended[offer.sid];
    if (reason === "timeout" || reason === "rescinded" || reason === "canceled") {
      news.push({ kind: "offer gone", reservation: offer, reason });
    }
  }
  return news;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
