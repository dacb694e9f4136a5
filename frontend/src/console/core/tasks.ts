/** What the screens show of the model: offers, tasks, waits, what there is to tell the agent. */
import type { ConsoleSettings, Internal, Thresholds } from "../../api/console-types";
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
 * Since when (ms, server's clock) the customer has been waiting for a person, or null when it is their turn: since their
 * first message that nobody has answered, but not since before the task was made. A flow's message is no answer.
 */
export function waitingSince(held: Held, clockSkew: number): number | null {
  const { conversation } = held;
  if (held.status === "wrapping" || conversation?.state === "closed") return null;
  const born = held.taskBornAt + clockSkew;
  if (conversation?.waiting_since) return Math.max(Date.parse(conversation.waiting_since), born);
  const somebodySpoke = conversation?.last_customer_at || conversation?.last_message?.source === "agent";
  return somebodySpoke ? null : born;
}

export type WaitLevel = "none" | "calm" | "warn" | "late";

/** From when on a wait on a channel is yellow, and red. */
export function thresholdsOf(settings: ConsoleSettings, channel: string): Thresholds {
  return settings.by_channel[channel] ?? settings;
}

export function waitLevel(seconds: number | null, { warn_after, late_after }: Thresholds): WaitLevel {
  if (seconds === null) return "none";
  return seconds < warn_after ? "calm" : seconds < late_after ? "warn" : "late";
}

export type Order = "arrival" | "waiting" | "recent";
export type Only = "all" | "unread" | "waiting" | "wrapping";
export type ListView = { order: Order; only: Only };

export const ORDERS: Record<Order, string> = { arrival: "In order of arrival", waiting: "Longest wait first", recent: "Newest message first" };
export const FILTERS: Record<Only, string> = { all: "All", unread: "Unread", waiting: "Waiting", wrapping: "Wrapping up" };

/** What a user chose for the list, whatever an older or newer console wrote. */
export function listView(stored: unknown): ListView {
  const { order, only } = (typeof stored === "object" && stored ? stored : {}) as Partial<Record<keyof ListView, unknown>>;
  return {
    order: typeof order === "string" && order in ORDERS ? (order as Order) : "arrival",
    only: typeof only === "string" && only in FILTERS ? (only as Only) : "all",
  };
}

/** The tasks of a view; `search` looks at names, addresses and last messages. */
export function shownTasks(model: Model, view: ListView, search = ""): readonly Held[] {
  const words = search.trim().toLowerCase();
  const shown = tasksOf(model).filter((task) => {
    const { conversation } = task;
    if (view.only === "unread" && !conversation?.unread) return false;
    if (view.only === "waiting" && waitingSince(task, model.clockSkew) === null) return false;
    if (view.only === "wrapping" && task.status !== "wrapping") return false;
    if (!words) return true;
    const texts = [customerName(task), conversation?.customer_address, conversation?.last_message?.body, task.queue_name];
    return texts.some((text) => text?.toLowerCase().includes(words));
  });
  if (view.order === "arrival") return shown;
  const key = view.order === "waiting"
    ? (task: Held) => waitingSince(task, model.clockSkew) ?? Infinity
    : (task: Held) => -Date.parse(task.conversation?.last_message?.date_created ?? task.date_created);
  return [...shown].sort((a, b) => {
    const [one, other] = [key(a), key(b)];
    return one === other ? compare(a.sid, b.sid) : one < other ? -1 : 1;
  });
}

/** When the customer's channel stops to take free text (ms, server's clock), or null: it always takes it. */
export function windowEnd(held: Held): number | null {
  const { limits, last_customer_at } = held.conversation ?? {};
  if (!limits?.window_seconds) return null;
  return last_customer_at ? Date.parse(last_customer_at) + limits.window_seconds * 1_000 : 0;
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
  /** The server accepted it in the agent's name: the queue says so, or a colleague handed it over. */
  | { kind: "assigned"; reservation: Held }
  | { kind: "message"; reservation: Held; message: Message }
  | { kind: "internal"; reservation: Held; message: Internal };

/** What an agent who looks elsewhere has to be told about the step from `before` to `after`. */
export function newsOf(before: Model, action: Action, after: Model): readonly News[] {
  if (action.type === "message" && action.message.source === "customer") {
    const task = tasksOf(after).find((held) => held.conversation?.sid === action.conversation);
    const known = before.reservations[task?.sid ?? ""]?.conversation?.last_message?.index ?? -1;
    return task && action.message.index > known ? [{ kind: "message", reservation: task, message: action.message }] : [];
  }
  if (action.type === "internal") {
    const task = tasksOf(after).find((held) => held.conversation?.sid === action.conversation);
    const known = before.transcripts[action.conversation]?.internal.some(({ sid }) => sid === action.message.sid);
    const own = action.message.client_ref !== null;
    return task && !known && !own ? [{ kind: "internal", reservation: task, message: action.message }] : [];
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
