/**
 * What the console keeps in the browser: drafts, messages on their way, and the agent's choices.
 *
 * All of it belongs to the user who is logged in (`keepFor`): who uses the browser next neither sees nor sends it.
 */
import type { Outgoing } from "./transcript";

const PREFIX = "flowdesk.console.";

export type Settings = { sound: boolean; customerPanel: boolean };

const defaults: Settings = { sound: true, customerPanel: true };

let owner = "";

/** Read and write for this user from now on. */
export function keepFor(userSid: string): void {
  owner = userSid ? `${userSid}.` : "";
}

const keyOf = (part: string) => `${PREFIX}${owner}${part}`;
const DRAFT = "draft.";
const MORE = "more.";
const OUTBOX = "outbox.";
const SETTINGS = "settings";

/** Texts that were begun. They are shared by all tabs and survive a crash. */
export const drafts = {
  read: (name: string): string => get(keyOf(DRAFT + name)) ?? "",
  write: (name: string, text: string): void => set(keyOf(DRAFT + name), text || null),
  /** Call `listener` when another tab changed one of them; the answer stops it. */
  onChange: (name: string, listener: () => void): (() => void) => {
    const changed = ({ key }: StorageEvent) => {
      if (key === keyOf(DRAFT + name) || key === keyOf(MORE + name)) listener();
    };
    window.addEventListener("storage", changed);
    return () => window.removeEventListener("storage", changed);
  },
};

export type Attached = { sid: string; filename: string; content_type: string; size: number; url: string };
export type More = { note: boolean; noteText: string; media: readonly Attached[]; noteMedia: readonly Attached[] };

const noMore: More = { note: false, noteText: "", media: [], noteMedia: [] };

/** What belongs to a conversation's draft beside the text for the customer: the note, attachments, which of both is open. */
export const draftMore = {
  read: (conversationSid: string): More => ({ ...noMore, ...parsed<Partial<More>>(get(keyOf(MORE + conversationSid))) }),
  write: (conversationSid: string, more: More): void => {
    const empty = !more.note && !more.noteText && !more.media.length && !more.noteMedia.length;
    set(keyOf(MORE + conversationSid), empty ? null : JSON.stringify(more));
  },
};

/** Forget all that was begun in a conversation. */
export function forgetDraft(conversationSid: string): void {
  drafts.write(conversationSid, "");
  draftMore.write(conversationSid, noMore);
}

export type Kept = { conversation: string; entry: Outgoing };

/** Messages that are not sent yet, one key each, so that tabs do not overwrite each other's. */
export const outbox = {
  read: (): Kept[] => {
    const start = keyOf(OUTBOX);
    return keys()
      .filter((key) => key.startsWith(start))
      .flatMap((key) => parsed<Kept>(get(key)) ?? [])
      .filter(({ conversation, entry }) => typeof conversation === "string" && typeof entry?.clientRef === "string")
      .sort((a, b) => (a.entry.createdAt < b.entry.createdAt ? -1 : a.entry.createdAt > b.entry.createdAt ? 1 : a.entry.order - b.entry.order));
  },
  put: (conversation: string, entry: Outgoing): void => set(keyOf(OUTBOX + entry.clientRef), JSON.stringify({ conversation, entry })),
  take: (clientRef: string): void => set(keyOf(OUTBOX + clientRef), null),
  /** Call `onPut` and `onTaken` for what other tabs do; the answer stops it. */
  onChange: (onPut: (kept: Kept) => void, onTaken: (clientRef: string) => void): (() => void) => {
    const start = keyOf(OUTBOX);
    const changed = ({ key, newValue }: StorageEvent) => {
      if (!key?.startsWith(start)) return;
      const kept = parsed<Kept>(newValue);
      if (kept) onPut(kept);
      else onTaken(key.slice(start.length));
    };
    window.addEventListener("storage", changed);
    return () => window.removeEventListener("storage", changed);
  },
};

export const settings = {
  read: (): Settings => ({ ...defaults, ...parsed<Partial<Settings>>(get(keyOf(SETTINGS))) }),
  write: (value: Settings): void => set(keyOf(SETTINGS), JSON.stringify(value)),
};

function keys(): string[] {
  try {
    return Object.keys(window.localStorage);
  } catch {
    return [];
  }
}

function get(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

function set(key: string, value: string | null): void {
  try {
    if (value === null) window.localStorage.removeItem(key);
    else window.localStorage.setItem(key, value);
  } catch {
    // Full or forbidden: the page works on, it only forgets when it is closed.
  }
}

function parsed<T>(json: string | null): T | null {
  try {
    return json ? (JSON.parse(json) as T) : null;
  } catch {
    return null;
  }
}
