/** A transcript as rows of the screen: messages, notes and acts where they belong, and what is on its way. */
import type { Internal } from "../../api/console-types";
import type { Message } from "../../api/types";
import { actsInTurn, type Act } from "../../core/acts";
import type { Outgoing, Transcript } from "./transcript";

export type Row =
  | { kind: "message"; message: Message; newDay: boolean; follows: boolean; botBegins: boolean }
  | { kind: "internal"; note: Internal; newDay: boolean }
  | { kind: "acts"; acts: readonly Act[]; newDay: boolean }
  | { kind: "outgoing"; entry: Outgoing };

const GROUP_WITHIN_MS = 5 * 60_000;

/** What of a message's time is asked for at every drawing, and takes longer to find out than all the rest. */
const facts = new WeakMap<object, { day: string; at: number }>();

function factsOf(dated: { date_created: string }): { day: string; at: number } {
  let found = facts.get(dated);
  if (!found) {
    const date = new Date(dated.date_created);
    found = { day: date.toDateString(), at: date.getTime() };
    facts.set(dated, found);
  }
  return found;
}

export function rowsOf({ messages, internal, outgoing, hasOlder }: Transcript, acts: readonly Act[] = []): Row[] {
  const rows: Row[] = [];
  let [day, at] = ["", 0];
  let before: Message | null = null;
  const isNewDay = (dated: { date_created: string }) => {
    const own = factsOf(dated).day;
    const isNew = own !== day;
    day = own;
    return isNew;
  };
  const first = messages[0]?.index ?? 0;
  // Notes of pages that are not loaded stand on those pages.
  while (hasOlder && at < internal.length && (internal[at]?.after_index ?? 0) < first) at += 1;
  const actsUntil = actsInTurn(acts, hasOlder ? (messages[0]?.date_created ?? null) : null);
  const addActs = (until: Parameters<typeof actsUntil>[0]) => {
    const given = actsUntil(until);
    if (!given[0]) return;
    rows.push({ kind: "acts", acts: given, newDay: isNewDay({ date_created: given[0].at }) });
    before = null;
  };
  const addNotes = (below: number) => {
    for (let note = internal[at]; note && note.after_index < below; note = internal[at]) {
      addActs(note);
      rows.push({ kind: "internal", note, newDay: isNewDay(note) });
      before = null;
      at += 1;
    }
  };
  for (const message of messages) {
    addNotes(message.index);
    addActs(message);
    const newDay = isNewDay(message);
    const previous = before as Message | null;
    const follows =
      !newDay && previous !== null && previous.source === message.source && previous.author === message.author &&
      factsOf(message).at - factsOf(previous).at < GROUP_WITHIN_MS;
    rows.push({ kind: "message", message, newDay, follows, botBegins: isBot(message) && !(previous && isBot(previous)) && !follows });
    before = message;
  }
  addNotes(Infinity);
  addActs(null);
  for (const entry of outgoing) rows.push({ kind: "outgoing", entry });
  return rows;
}

/** Where the row of a message stands; -1: it is not loaded. */
export function rowOfMessage(rows: readonly Row[], index: number): number {
  return rows.findIndex((row) => row.kind === "message" && row.message.index >= index);
}

export function rowOfNote(rows: readonly Row[], number: number): number {
  return rows.findIndex((row) => row.kind === "internal" && row.note.number === number);
}

export function keyOf(row: Row): string {
  if (row.kind === "outgoing") return row.entry.clientRef;
  if (row.kind === "internal") return row.note.client_ref ?? row.note.sid;
  if (row.kind === "acts") return `${row.acts[0]?.kind} ${row.acts[0]?.at}`;
  return row.message.client_ref ?? row.message.sid;
}

function isBot(message: Message): boolean {
  return message.source === "flow" || message.source === "api";
}
