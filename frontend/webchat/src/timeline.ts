/**
 * What the customer sees of a conversation: stored messages by index, their own unsent ones, and notes between.
 *
 * Pure values. The same messages in any order and any number of times give the same timeline.
 */

export type Media = {
  sid?: string | null;
  url: string;
  content_type: string;
  filename: string | null;
  size?: number | null;
  state?: "stored" | "pending" | "failed";
};

/** An answer that a message offers as a button. */
export type QuickReply = { title: string; payload: string };

/** What goes along with a message of the customer. */
export type Extras = {
  media?: readonly Media[];
  /** Of the button that was pressed. */
  payload?: string;
  /** How to answer a customer who does not wait: makes the message one that was left. */
  contact?: string;
};

export type Message = {
  kind: "message";
  index: number;
  own: boolean;
  authorName: string;
  source: string;
  body: string;
  media: readonly Media[];
  quickReplies: readonly QuickReply[];
  sentAt: Date;
  /** The reference this tab or another one of the customer sent it with. */
  ref: string | null;
};

export type Outgoing = {
  kind: "outgoing";
  ref: string;
  body: string;
  status: "sending" | "failed";
  /** Why it failed, in words for the customer. */
  error: string | null;
  sentAt: Date;
} & Extras;

/** A line between messages, such as "Ana joined the chat". It sits behind the message `after`. */
export type Note = { kind: "note"; id: number; after: number; text: string };

export type Entry = Message | Outgoing | Note;

export type Timeline = {
  readonly messages: readonly Message[];
  readonly outgoing: readonly Outgoing[];
  readonly notes: readonly Note[];
  /** Every message up to this index is here; -1: none. What a reconnect asks to continue after. */
  readonly completeThrough: number;
};

export const emptyTimeline: Timeline = { messages: [], outgoing: [], notes: [], completeThrough: -1 };

/** Put one stored message where its index belongs; the outgoing copy it confirms goes away. */
export function addMessage(timeline: Timeline, message: Message): Timeline {
  const messages = [...timeline.messages];
  let at = messages.length;
  while (at > 0 && messages[at - 1]!.index > message.index) at -= 1;
  if (at > 0 && messages[at - 1]!.index === message.index) messages[at - 1] = message;
  else messages.splice(at, 0, message);
  return {
    ...timeline,
    messages,
    outgoing: message.ref ? withoutRef(timeline.outgoing, message.ref) : timeline.outgoing,
    completeThrough: completeFrom(messages, timeline.completeThrough),
  };
}

/** Show a message at once, before the server has it. The same `ref` again starts another attempt. */
export function addOutgoing(timeline: Timeline, outgoing: { ref: string; body: string; sentAt: Date } & Extras): Timeline {
  if (timeline.messages.some((message) => message.ref === outgoing.ref)) return timeline;
  const entry: Outgoing = { kind: "outgoing", status: "sending", error: null, ...outgoing };
  const known = timeline.outgoing.some((other) => other.ref === outgoing.ref);
  return {
    ...timeline,
    outgoing: known
      ? timeline.outgoing.map((other) => (other.ref === outgoing.ref ? { ...entry, sentAt: other.sentAt } : other))
      : [...timeline.outgoing, entry],
  };
}

/** The server stored the message `ref` as `index`: it is a message now, with the text this tab has. */
export function acknowledge(timeline: Timeline, ref: string, index: number): Timeline {
  const outgoing = timeline.outgoing.find((entry) => entry.ref === ref);
  if (!outgoing) return timeline;
  if (timeline.messages.some((message) => message.index === index)) {
    return { ...timeline, outgoing: withoutRef(timeline.outgoing, ref) };
  }
  return addMessage(timeline, {
    kind: "message",
    index,
    own: true,
    authorName: "",
    source: "customer",
    body: outgoing.body,
    media: outgoing.media ?? [],
    quickReplies: [],
    sentAt: outgoing.sentAt,
    ref,
  });
}

/** Mark one outgoing message, or all of them, as failed for `error`. */
export function failOutgoing(timeline: Timeline, error: string, ref?: string): Timeline {
  return {
    ...timeline,
    outgoing: timeline.outgoing.map((entry) =>
      ref === undefined || entry.ref === ref ? { ...entry, status: "failed", error } : entry,
    ),
  };
}

/** Take back an outgoing message the customer does not want to send any more. */
export function discardOutgoing(timeline: Timeline, ref: string): Timeline {
  return { ...timeline, outgoing: withoutRef(timeline.outgoing, ref) };
}

/** Add a line behind what is there now. */
export function addNote(timeline: Timeline, text: string): Timeline {
  const last = timeline.notes.at(-1);
  const after = timeline.messages.at(-1)?.index ?? -1;
  if (last && last.after === after && last.text === text) return timeline;
  return { ...timeline, notes: [...timeline.notes, { kind: "note", id: timeline.notes.length, after, text }] };
}

/** All entries in the order they are shown. */
export function entriesOf(timeline: Timeline): readonly Entry[] {
  const entries: Entry[] = [];
  let note = 0;
  const notesUpTo = (index: number) => {
    while (note < timeline.notes.length && timeline.notes[note]!.after < index) entries.push(timeline.notes[note++]!);
  };
  for (const message of timeline.messages) {
    notesUpTo(message.index);
    entries.push(message);
  }
  notesUpTo(Infinity);
  return [...entries, ...timeline.outgoing];
}

/** The answers that are offered now: those of the newest message, until the customer has said something. */
export function offersOf(timeline: Timeline): readonly QuickReply[] {
  if (timeline.outgoing.length) return [];
  return timeline.messages.at(-1)?.quickReplies ?? [];
}

/** A file that was on its way has come, or will not. */
export function replaceMedia(timeline: Timeline, index: number, media: readonly Media[]): Timeline {
  return { ...timeline, messages: timeline.messages.map((message) => (message.index === index ? { ...message, media } : message)) };
}

/** Messages of others behind `readIndex`. */
export function unreadCount(timeline: Timeline, readIndex: number): number {
  return timeline.messages.filter((message) => !message.own && message.index > readIndex).length;
}

function completeFrom(messages: readonly Message[], from: number): number {
  let complete = from;
  for (const message of messages) if (message.index === complete + 1) complete += 1;
  return complete;
}

function withoutRef(outgoing: readonly Outgoing[], ref: string): readonly Outgoing[] {
  return outgoing.filter((entry) => entry.ref !== ref);
}
