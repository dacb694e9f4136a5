/**
 * One conversation as the console holds it: stored messages by index, and the agent's own on their way.
 *
 * Pure values. Pages and socket events may come doubled, late and in any order. `completeThrough` says up to which
 * index nothing is missing; what arrives beyond it is shown, and `gapAfter` tells from where to read the rest.
 */
import type { Internal } from "../../api/console-types";
import type { Delivery, Message } from "../../api/types";

export const PAGE_SIZE = 50;

export type Outgoing = {
  clientRef: string;
  body: string;
  kind: "message" | "note";
  media: Message["media"];
  /** Sent instead of free text: what a provider has approved, with its values. */
  template: { sid: string; variables: Record<string, string> } | null;
  /** Of two written within a millisecond the smaller one came first. */
  order: number;
  /** waiting: not tried yet, or to be tried again by itself; failed: waits for the agent's decision. */
  status: "waiting" | "sending" | "failed";
  error: string | null;
  /** ISO time of the first attempt. */
  createdAt: string;
};

export type Transcript = {
  readonly messages: readonly Message[];
  /** Notes and whispers by number. */
  readonly internal: readonly Internal[];
  /** Up to which number they were read from the server; whispers to others leave gaps, so nothing else tells. */
  readonly internalThrough: number;
  readonly outgoing: readonly Outgoing[];
  /** Whether the newest page has been read. */
  readonly loaded: boolean;
  readonly failure: string | null;
  readonly completeThrough: number;
  readonly hasOlder: boolean;
  /** How many messages were put in front of the first page: a virtual list keeps its position by it. */
  readonly prepended: number;
};

export const emptyTranscript: Transcript = {
  messages: [], internal: [], internalThrough: -1, outgoing: [], loaded: false, failure: null, completeThrough: -1, hasOlder: false, prepended: 0,
};

/** One message from the socket or as the answer to sending it. */
export function addMessage(transcript: Transcript, message: Message): Transcript {
  const first = transcript.messages[0];
  // Older than what is loaded: the page that holds it is read when somebody scrolls there.
  if (transcript.loaded && first && message.index < first.index) return transcript;
  const next = withMessages(transcript, [message]);
  return transcript.loaded ? settled(next, transcript.completeThrough) : next;
}

/** The newest page, ascending; also to refresh what is already there. */
export function addLatest(transcript: Transcript, page: readonly Message[]): Transcript {
  const last = page.at(-1)?.index ?? -1;
  if (!transcript.loaded) {
    const first = page[0]?.index ?? 0;
    const behind = transcript.messages.filter((message) => message.index >= first);
    const next = withMessages({ ...transcript, messages: behind }, page);
    return settled(
      { ...next, loaded: true, failure: null, hasOlder: page.length >= PAGE_SIZE && first > 0 },
      last,
    );
  }
  const next = withMessages(transcript, page.filter((message) => message.index >= (transcript.messages[0]?.index ?? 0)));
  // The page joins what is complete, or leaves a gap that is read from its start.
  const joins = page[0] !== undefined && page[0].index <= transcript.completeThrough + 1;
  return settled({ ...next, failure: null }, joins ? Math.max(last, transcript.completeThrough) : transcript.completeThrough);
}

/** The page before the first message held; `size`: how many were asked for. */
export function addOlder(transcript: Transcript, page: readonly Message[], size = PAGE_SIZE): Transcript {
  const next = withMessages(transcript, page);
  const added = next.messages.length - transcript.messages.length;
  const first = page[0]?.index ?? 0;
  return { ...next, prepended: transcript.prepended + added, hasOlder: page.length >= size && first > 0 };
}

/** What came behind `after`, ascending, in one page: nothing is missing up to its last message. */
export function addNewer(transcript: Transcript, after: number, page: readonly Message[]): Transcript {
  if (after > transcript.completeThrough) return transcript;
  const through = Math.max(transcript.completeThrough, page.at(-1)?.index ?? after);
  return settled(withMessages(transcript, page), through);
}

/** The index behind which messages are missing, or null. */
export function gapAfter(transcript: Transcript): number | null {
  const last = transcript.messages.at(-1)?.index ?? -1;
  return transcript.loaded && last > transcript.completeThrough ? transcript.completeThrough : null;
}

/** Whether a recent message may have been delivered without the socket telling. */
export function hasOpenDeliveries(transcript: Transcript): boolean {
  return transcript.messages.slice(-20).some(({ delivery }) => delivery?.status === "queued" || delivery?.status === "sent");
}

/** The index of the newest message held; -1: none. */
export function lastIndex(transcript: Transcript): number {
  return transcript.messages.at(-1)?.index ?? -1;
}

export function setDelivery(transcript: Transcript, index: number, delivery: Delivery): Transcript {
  const message = transcript.messages.find((candidate) => candidate.index === index);
  return message ? withMessages(transcript, [{ ...message, delivery }]) : transcript;
}

/** A file that was still on its way to the server has come, or never will. */
export function setMedia(transcript: Transcript, index: number, media: Message["media"]): Transcript {
  const message = transcript.messages.find((candidate) => candidate.index === index);
  return message ? withMessages(transcript, [{ ...message, media }]) : transcript;
}

/** Notes and whispers, by the socket or read behind `after` (then nothing is missing up to the last of them). */
export function addInternal(transcript: Transcript, added: readonly Internal[], after: number | null = null): Transcript {
  const through = after !== null && after <= transcript.internalThrough
    ? Math.max(transcript.internalThrough, added.at(-1)?.number ?? after)
    : transcript.internalThrough;
  if (!added.length) return through === transcript.internalThrough ? transcript : { ...transcript, internalThrough: through };
  const byNumber = new Map([...transcript.internal, ...added].map((note) => [note.number, note]));
  const refs = new Set(added.map((note) => note.client_ref));
  return {
    ...transcript,
    internal: [...byNumber.values()].sort((a, b) => a.number - b.number),
    internalThrough: through,
    outgoing: transcript.outgoing.filter((entry) => !refs.has(entry.clientRef)),
  };
}

export function startOutgoing(
  transcript: Transcript,
  entry: Pick<Outgoing, "clientRef" | "body" | "createdAt"> & Partial<Outgoing>,
): Transcript {
  if (transcript.outgoing.some((other) => other.clientRef === entry.clientRef)) {
    return setOutgoing(transcript, entry.clientRef, "waiting");
  }
  if (isStored(transcript, entry.clientRef)) return transcript;
  const begun: Outgoing = { kind: "message", media: [], template: null, order: 0, ...entry, status: "waiting", error: null };
  return { ...transcript, outgoing: [...transcript.outgoing, begun] };
}

function isStored({ messages, internal }: Transcript, clientRef: string): boolean {
  return messages.some((message) => message.client_ref === clientRef) || internal.some((note) => note.client_ref === clientRef);
}

export function setOutgoing(
  transcript: Transcript, clientRef: string, status: Outgoing["status"], error: string | null = null,
): Transcript {
  return {
    ...transcript,
    outgoing: transcript.outgoing.map((entry) => (entry.clientRef === clientRef ? { ...entry, status, error } : entry)),
  };
}

export function discardOutgoing(transcript: Transcript, clientRef: string): Transcript {
  return { ...transcript, outgoing: transcript.outgoing.filter((entry) => entry.clientRef !== clientRef) };
}

const DELIVERY_RANK: Record<Delivery["status"], number> = {
  queued: 0, sent: 1, delivered: 2, read: 3, undelivered: 4, failed: 4,
};

/** A delivery never goes back: a late "sent" does not undo a "read". */
function furtherDelivery(before: Delivery | null, after: Delivery | null): Delivery | null {
  if (!before || !after) return after ?? before;
  return DELIVERY_RANK[after.status] >= DELIVERY_RANK[before.status] ? after : before;
}

function withMessages(transcript: Transcript, added: readonly Message[]): Transcript {
  if (!added.length) return transcript;
  const [only, last] = [added.length === 1 ? added[0] : undefined, transcript.messages.at(-1)];
  if (only && (!last || only.index > last.index)) {
    // What nearly always happens: one more at the end, of thousands.
    return { ...transcript, messages: [...transcript.messages, only], outgoing: without(transcript.outgoing, added) };
  }
  const byIndex = new Map(transcript.messages.map((message) => [message.index, message]));
  for (const message of added) {
    const known = byIndex.get(message.index);
    byIndex.set(message.index, known ? { ...message, delivery: furtherDelivery(known.delivery, message.delivery) } : message);
  }
  return {
    ...transcript,
    messages: [...byIndex.values()].sort((a, b) => a.index - b.index),
    outgoing: without(transcript.outgoing, added),
  };
}

function without(outgoing: readonly Outgoing[], stored: readonly Message[]): readonly Outgoing[] {
  if (!outgoing.length) return outgoing;
  const refs = new Set(stored.map((message) => message.client_ref));
  return outgoing.some((entry) => refs.has(entry.clientRef)) ? outgoing.filter((entry) => !refs.has(entry.clientRef)) : outgoing;
}

/** Complete up to `through`, and further while the next index is there. */
function settled(transcript: Transcript, through: number): Transcript {
  let completeThrough = through;
  for (let at = firstBehind(transcript.messages, through); at < transcript.messages.length; at += 1) {
    if (transcript.messages[at]?.index !== completeThrough + 1) break;
    completeThrough += 1;
  }
  return completeThrough === transcript.completeThrough ? transcript : { ...transcript, completeThrough };
}

/** Where the messages behind an index begin. */
function firstBehind(messages: readonly Message[], index: number): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.index ?? 0) <= index) low = middle + 1;
    else high = middle;
  }
  return low;
}
