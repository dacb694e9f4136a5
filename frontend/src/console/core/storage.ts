/** What the console keeps in the browser: drafts, messages on their way, and the agent's choices. */
import type { Outgoing } from "./transcript";

const DRAFT = "flowdesk.console.draft.";
const OUTBOX = "flowdesk.console.outbox";
const SETTINGS = "flowdesk.console.settings";

export type Settings = { sound: boolean; customerPanel: boolean };

const defaults: Settings = { sound: true, customerPanel: true };

/** Drafts are shared by all tabs and survive a crash. */
export const drafts = {
  read: (conversationSid: string): string => get("local", DRAFT + conversationSid) ?? "",
  write: (conversationSid: string, text: string): void => set("local", DRAFT + conversationSid, text || null),
};

/** Unsent messages belong to the tab that wrote them, so that two tabs do not both send them. */
export const outbox = {
  read: (): Record<string, Outgoing[]> => parsed<Record<string, Outgoing[]>>(get("session", OUTBOX)) ?? {},
  write: (byConversation: Readonly<Record<string, readonly Outgoing[]>>): void => {
    const filled = Object.entries(byConversation).filter(([, entries]) => entries.length);
    set("session", OUTBOX, filled.length ? JSON.stringify(Object.fromEntries(filled)) : null);
  },
};

export const settings = {
  read: (): Settings => ({ ...defaults, ...parsed<Partial<Settings>>(get("local", SETTINGS)) }),
  write: (value: Settings): void => set("local", SETTINGS, JSON.stringify(value)),
};

type Where = "local" | "session";

function get(where: Where, key: string): string | null {
  try {
    return storageOf(where).getItem(key);
  } catch {
    return null;
  }
}

function set(where: Where, key: string, value: string | null): void {
  try {
    if (value === null) storageOf(where).removeItem(key);
    else storageOf(where).setItem(key, value);
  } catch {
    // Full or forbidden: the page works on, it only forgets when it is closed.
  }
}

function storageOf(where: Where): Storage {
  return where === "local" ? window.localStorage : window.sessionStorage;
}

function parsed<T>(json: string | null): T | null {
  try {
    return json ? (JSON.parse(json) as T) : null;
  } catch {
    return null;
  }
}
