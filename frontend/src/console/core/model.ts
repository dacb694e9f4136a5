/**
 * All the console knows, as one value, and how it changes.
 *
 * The server's snapshot (`GET console`) is the truth; socket events are hints that arrive doubled, late and in any
 * order, so each is judged by what it says about itself (a reservation's time and status, a message's index).
 */
import type { ConsoleSettings, Internal, PanelApp, StoredPreferences } from "../../api/console-types";
import type { Activity, ConsoleState, Delivery, Message, Reservation, ReservationStatus, Worker } from "../../api/types";
import { hearColleague, type Colleague, type Said } from "./colleagues";
import * as transcripts from "./transcript";
import { emptyTranscript, type Transcript } from "./transcript";

export type SocketStatus = "closed" | "connecting" | "open" | "lost";

export type Model = {
  readonly phase: "loading" | "ready" | "failed";
  readonly failure: string | null;
  readonly worker: Worker | null;
  readonly activities: readonly Activity[];
  /** The activity before the present one, of those this page has seen. */
  readonly previousActivity: string | null;
  readonly settings: ConsoleSettings;
  readonly preferences: StoredPreferences;
  readonly apps: readonly PanelApp[];
  /** Offers whose time ran out while the page was open, the newest last. */
  readonly missed: readonly Missed[];
  readonly reservations: Readonly<Record<string, Held>>;
  /** Reservations that came to their end while the page was open: a late event does not bring them back. */
  readonly ended: Readonly<Record<string, ReservationStatus>>;
  /** By conversation. */
  readonly transcripts: Readonly<Record<string, Transcript>>;
  /** Up to which index the agent has read, by conversation. */
  readonly read: Readonly<Record<string, number>>;
  /** When (local ms) the customer was last seen typing, by conversation. */
  readonly typing: Readonly<Record<string, number>>;
  /** Colleagues who have a conversation on their screens, by conversation. */
  readonly colleagues: Readonly<Record<string, readonly Colleague[]>>;
  readonly socket: SocketStatus;
  /** Whether the last snapshot could be read. */
  readonly reachable: boolean;
  /** Server's time minus this browser's, in ms. */
  readonly clockSkew: number;
  /** Counts changes, so that an answer can tell what happened since its question. */
  readonly sequence: number;
};

/** A reservation, the change that brought it, and the task's birth (local ms). */
export type Held = Reservation & { readonly sequence: number; readonly taskBornAt: number };

export type Missed = { readonly offer: Held; readonly at: number };

const MOST_MISSED = 5;

export const defaultSettings: ConsoleSettings = {
  warn_after: 180, late_after: 300, by_channel: {}, tells_typing: true, shows_text: true, personal_replies: true,
};

export const emptyModel: Model = {
  phase: "loading", failure: null, worker: null, previousActivity: null, settings: defaultSettings, preferences: {}, apps: [], missed: [],
  activities: [], reservations: {}, ended: {}, transcripts: {}, read: {},
  typing: {}, colleagues: {}, socket: "closed", reachable: true, clockSkew: 0, sequence: 0,
};

export type Action =
  /** `asked` is the model's sequence when the request left. */
  | { type: "snapshot"; state: ConsoleState; asked: number; now: number }
  | { type: "snapshot failed"; message: string }
  | { type: "socket"; status: SocketStatus }
  | { type: "reservation"; reservation: Reservation; now: number }
  | { type: "activity"; worker: Worker }
  | { type: "message"; conversation: string; message: Message }
  | { type: "internal"; conversation: string; message: Internal }
  | { type: "preferences"; preferences: StoredPreferences }
  | { type: "forget missed"; sid: string | null }
  | { type: "receipt"; conversation: string; index: number; delivery: Delivery }
  | { type: "media"; conversation: string; index: number; media: Message["media"] }
  | { type: "conversation"; conversation: string; state: "active" | "inactive" | "closed" }
  | { type: "typing"; conversation: string; author: string; now: number }
  | { type: "colleague"; conversation: string; said: Said }
  | { type: "read"; conversation: string; index: number }
  | { type: "transcript"; conversation: string; change: (transcript: Transcript) => Transcript };

const OPEN: readonly ReservationStatus[] = ["pending", "accepted", "wrapping"];

const RANK: Record<ReservationStatus, number> = {
  pending: 0, accepted: 1, wrapping: 2, rejected: 3, timeout: 3, canceled: 3, rescinded: 3, completed: 3,
};

export function isOpen(reservation: Reservation): boolean {
  return OPEN.includes(reservation.status);
}

export function reduce(model: Model, action: Action): Model {
  const next = change(model, action);
  return next === model ? model : { ...next, sequence: model.sequence + 1 };
}

function change(model: Model, action: Action): Model {
  switch (action.type) {
    case "snapshot":
      return takeSnapshot(model, action.state, action.asked, action.now);
    case "snapshot failed":
      // What is on the screen is worth more than an error page.
      return { ...model, reachable: false, failure: action.message, phase: model.phase === "ready" ? "ready" : "failed" };
    case "socket":
      return model.socket === action.status ? model : { ...model, socket: action.status };
    case "reservation":
      return takeReservation(model, action.reservation, action.now);
    case "activity":
      return isNewerWorker(model.worker, action.worker) ? withWorker(model, action.worker) : model;
    case "message":
      return takeMessage(model, action.conversation, action.message);
    case "internal":
      return inTranscript(model, action.conversation, (transcript) => transcripts.addInternal(transcript, [action.message]));
    case "preferences":
      return { ...model, preferences: action.preferences };
    case "forget missed":
      return { ...model, missed: model.missed.filter(({ offer }) => action.sid !== null && offer.sid !== action.sid) };
    case "receipt":
      return inTranscript(model, action.conversation, (transcript) =>
        transcripts.setDelivery(transcript, action.index, action.delivery),
      );
    case "media":
      return inTranscript(model, action.conversation, (transcript) =>
        transcripts.setMedia(transcript, action.index, action.media),
      );
    case "conversation":
      return inReservations(model, action.conversation, (conversation) => ({ ...conversation, state: action.state }));
    case "typing":
      // One's own typing comes back from the server, and colleagues' is not the customer's.
      if (!isCustomer(model, action.conversation, action.author)) return model;
      return { ...model, typing: { ...model.typing, [action.conversation]: action.now } };
    case "colleague":
      return { ...model, colleagues: { ...model.colleagues, [action.conversation]: hearColleague(model.colleagues[action.conversation] ?? [], action.said) } };
    case "read":
      return takeRead(model, action.conversation, action.index);
    case "transcript":
      return inTranscript(model, action.conversation, action.change);
  }
}

function takeSnapshot(model: Model, state: ConsoleState, asked: number, now: number): Model {
  const reservations: Record<string, Held> = {};
  for (const given of state.reservations) {
    if (!isOpen(given) || model.ended[given.sid]) continue;
    reservations[given.sid] = merged(model, given, now);
  }
  for (const held of Object.values(model.reservations)) {
    // It came after the question was asked, so the answer could not know it.
    if (!reservations[held.sid] && held.sequence > asked) reservations[held.sid] = held;
  }
  const worker = state.worker && !isNewerWorker(state.worker, model.worker) ? state.worker : (model.worker ?? state.worker);
  return {
    ...(worker ? withWorker(model, worker) : model),
    phase: "ready",
    failure: null,
    reachable: true,
    activities: same(model.activities, state.activities),
    settings: same(model.settings, state.settings ?? model.settings),
    preferences: same(model.preferences, state.preferences ?? model.preferences),
    apps: same(model.apps, state.apps ?? model.apps),
    reservations,
    clockSkew: Date.parse(state.now) - now || 0,
  };
}

function takeReservation(model: Model, given: Reservation, now: number): Model {
  if (model.ended[given.sid]) return model;
  const held = model.reservations[given.sid];
  if (held && isOlder(given, held)) return model;
  if (isOpen(given)) {
    return { ...model, reservations: { ...model.reservations, [given.sid]: { ...merged(model, given, now), sequence: model.sequence + 1 } } };
  }
  const { [given.sid]: _ended, ...others } = model.reservations;
  const isMissed = given.status === "timeout" && held?.status === "pending";
  const missed = isMissed ? [...model.missed, { offer: held, at: now }].slice(-MOST_MISSED) : model.missed;
  return { ...model, reservations: others, missed, ended: { ...model.ended, [given.sid]: given.status } };
}

function withWorker(model: Model, worker: Worker): Model {
  const changed = model.worker && model.worker.activity_sid !== worker.activity_sid;
  return { ...model, worker, previousActivity: changed ? model.worker.activity_sid : model.previousActivity };
}

/** The value that is there already where the new one says the same: what hangs on it need not be drawn again. */
function same<T>(before: T, after: T): T {
  return JSON.stringify(before) === JSON.stringify(after) ? before : after;
}

/** Times have whole seconds, so within one the status decides: it only goes forward. */
function isOlder(given: Reservation, held: Reservation): boolean {
  if (given.date_updated !== held.date_updated) return given.date_updated < held.date_updated;
  return RANK[given.status] < RANK[held.status];
}

/** `given`, but with what socket events have told since about its conversation. */
function merged(model: Model, given: Reservation, now: number): Held {
  const held = model.reservations[given.sid];
  if (held && isOlder(given, held)) return held;
  const bornAt = held?.taskBornAt ?? now - given.task.age * 1_000;
  const known = held?.conversation;
  let conversation = given.conversation;
  if (conversation && known && (known.last_message?.index ?? -1) > (conversation.last_message?.index ?? -1)) {
    const { last_message, unread, last_customer_at, waiting_since } = known;
    conversation = { ...conversation, last_message, unread, last_customer_at, waiting_since };
  }
  const read = conversation && model.read[conversation.sid];
  if (conversation && read !== undefined && read !== null && (conversation.last_message?.index ?? -1) <= read) {
    conversation = { ...conversation, unread: 0 };
  }
  return { ...given, conversation, taskBornAt: bornAt, sequence: held?.sequence ?? 0 };
}

function takeMessage(model: Model, conversationSid: string, message: Message): Model {
  const next = inTranscript(model, conversationSid, (transcript) => transcripts.addMessage(transcript, message));
  const isCustomers = message.source === "customer";
  const after = inReservations(next, conversationSid, (conversation) => {
    if (message.index <= (conversation.last_message?.index ?? -1)) return conversation;
    const { index, author, body, source, date_created } = message;
    const isUnread = isCustomers && index > (model.read[conversationSid] ?? -1);
    return {
      ...conversation,
      last_message: { index, author, body, source, date_created },
      unread: conversation.unread + (isUnread ? 1 : 0),
      last_customer_at: isCustomers ? date_created : conversation.last_customer_at,
      waiting_since: isCustomers ? (conversation.waiting_since ?? date_created) : source === "agent" ? null : conversation.waiting_since,
    };
  });
  if (!isCustomers || !(conversationSid in after.typing)) return after;
  const { [conversationSid]: _done, ...typing } = after.typing;
  return { ...after, typing };
}

function takeRead(model: Model, conversationSid: string, index: number): Model {
  const before = model.read[conversationSid] ?? -1;
  const next = index > before ? { ...model, read: { ...model.read, [conversationSid]: index } } : model;
  return inReservations(next, conversationSid, (conversation) =>
    conversation.unread && (conversation.last_message?.index ?? -1) <= index ? { ...conversation, unread: 0 } : conversation,
  );
}

function inTranscript(model: Model, sid: string, edit: (transcript: Transcript) => Transcript): Model {
  const before = model.transcripts[sid] ?? emptyTranscript;
  const after = edit(before);
  return after === before ? model : { ...model, transcripts: { ...model.transcripts, [sid]: after } };
}

function inReservations(
  model: Model,
  conversationSid: string,
  edit: (conversation: NonNullable<Reservation["conversation"]>) => NonNullable<Reservation["conversation"]>,
): Model {
  let reservations = model.reservations;
  for (const held of Object.values(model.reservations)) {
    if (held.conversation?.sid !== conversationSid) continue;
    const conversation = edit(held.conversation);
    if (conversation !== held.conversation) reservations = { ...reservations, [held.sid]: { ...held, conversation } };
  }
  return reservations === model.reservations ? model : { ...model, reservations };
}

function isCustomer(model: Model, conversationSid: string, author: string): boolean {
  return Object.values(model.reservations).some(
    ({ conversation }) => conversation?.sid === conversationSid && [conversation.customer_address, conversation.customer_name].includes(author),
  );
}

function isNewerWorker(before: Worker | null, after: Worker | null): boolean {
  if (!before || !after) return after !== null;
  return after.activity_since >= before.activity_since;
}
