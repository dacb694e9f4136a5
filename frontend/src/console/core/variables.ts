/** The variables of canned replies: `{{ customer.first_name }}`, or with a word for nothing: `{{ customer.first_name | there }}`. */
import type { Json, JsonObject } from "../../api/types";
import { channelName } from "./format";
import type { Held } from "./model";
import { customerName, readableAddress } from "./tasks";

/** For the admin's screen: what there is, and an example of each. */
export const VARIABLES: readonly (readonly [name: string, example: string])[] = [
  ["customer.first_name", "Eva"], ["customer.name", "Eva Green"], ["customer.address", "+34600111222"],
  ["agent.first_name", "Ana"], ["agent.name", "Ana López"], ["queue", "Support"], ["channel", "WhatsApp"],
  ["task.…", "what the task's attributes say"], ["conversation.…", "what the conversation's attributes say"],
];

const VARIABLE = /\{\{(.*?)\}\}/gs;

export type Values = { agentName: string; held: Held | null; conversation: JsonObject };

/** Fill in what is known; what is not stays as it is written, so that nobody sends it unseen. */
export function fillIn(text: string, values: Values): string {
  return text.replace(VARIABLE, (written: string, inside: string) => {
    const [name = "", ...words] = inside.split("|");
    return valueOf(name.trim(), values) || words.join("|").trim() || written;
  });
}

/** What stands in a text unfilled, each once. */
export function unfilled(text: string): string[] {
  return [...new Set(text.match(VARIABLE) ?? [])];
}

function valueOf(name: string, { agentName, held, conversation }: Values): string {
  const [head = "", ...path] = name.split(".");
  if (head === "task") return textOf(held?.task.attributes, path);
  if (head === "conversation") return textOf(conversation, path);
  const customer = held ? customerName(held) : "";
  const known = customer === "Unknown customer" || /^[+\d\s]+$|^Visitor [0-9a-f]{4}$/.test(customer) ? "" : customer;
  switch (name) {
    case "customer.name":
      return known;
    case "customer.first_name":
      return firstWord(known);
    case "customer.address":
      return readableAddress(held?.conversation?.customer_address ?? "");
    case "agent.name":
      return agentName;
    case "agent.first_name":
      return firstWord(agentName);
    case "queue":
      return held?.queue_name ?? "";
    case "channel":
      return held?.conversation ? channelName(held.conversation.channel_type) : "";
  }
  return "";
}

function textOf(from: JsonObject | undefined, path: readonly string[]): string {
  let value: Json | undefined = from;
  for (const step of path) {
    if (typeof value !== "object" || value === null) return "";
    value = Array.isArray(value) ? value[Number(step)] : value[step];
  }
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

const firstWord = (name: string) => name.trim().split(/\s+/)[0] ?? "";

/* Templates -------------------------------------------------------------- */

/** A template's text with its places filled; what has no value yet stays as it is written. */
export function fillTemplate(text: string, values: Record<string, string>): string {
  return text.replace(VARIABLE, (written: string, inside: string) => values[inside.trim()]?.trim() || written);
}

/* Choosing a canned reply ------------------------------------------------ */

export type Slash = { from: number; words: string };

/** The `/word` in front of the caret that asks for a canned reply, or null: at the start of a text, or behind a space. */
export function slashAt(text: string, caret: number): Slash | null {
  const before = text.slice(0, caret);
  const match = /(?:^|\s)\/([^\s/]{0,40}(?: [^\s/]{0,40})?)$/.exec(before);
  if (!match) return null;
  const words = match[1] ?? "";
  return { from: caret - words.length - 1, words };
}

type Findable = { shortcode: string; body: string; folder: string; channels: readonly string[] };

/** The replies that are offered on a channel for some words: shortcodes that begin with them first, then names, then texts. */
export function findReplies<Reply extends Findable>(replies: readonly Reply[], words: string, channel: string): Reply[] {
  const wanted = words.trim().toLowerCase();
  const rank = ({ shortcode, folder, body }: Reply): number => {
    if (!wanted) return 2;
    if (shortcode === wanted) return 0;
    if (shortcode.startsWith(wanted)) return 1;
    if (shortcode.includes(wanted) || folder.toLowerCase().includes(wanted)) return 2;
    return body.toLowerCase().includes(wanted) ? 3 : -1;
  };
  return replies
    .filter(({ channels }) => !channels.length || channels.includes(channel))
    .map((reply) => ({ reply, rank: rank(reply) }))
    .filter((found) => found.rank >= 0)
    .sort((a, b) => a.rank - b.rank || a.reply.folder.localeCompare(b.reply.folder) || a.reply.shortcode.localeCompare(b.reply.shortcode))
    .map(({ reply }) => reply);
}
