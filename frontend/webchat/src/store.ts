/**
 * What the widget remembers in the browser: the conversation's token, how far it was read, and unsent messages.
 *
 * The token is shared by all tabs of the site (localStorage); unsent messages belong to the tab that wrote them
 * (sessionStorage). A browser that forbids storage gets a chat that lasts as long as the page.
 */

import type { Media } from "./timeline";

export type Session = {
  token: string;
  conversationSid: string;
  identity: string;
  readIndex: number;
  /** When the token ends, in milliseconds; 0: unknown. */
  expiresAt?: number;
  /** The customer left a message and waits no longer. */
  left?: boolean;
};
export type Unsent = { ref: string; body: string; sentAt: string; payload?: string; media?: readonly Media[]; contact?: string };

export interface Store {
  session(): Session | null;
  saveSession(session: Session | null): void;
  unsent(): readonly Unsent[];
  saveUnsent(unsent: readonly Unsent[]): void;
  /** What the customer chose for the sound; null: nothing yet. */
  sound(): boolean | null;
  saveSound(on: boolean): void;
  /** Another tab started or ended the chat. Returns a function that stops listening. */
  onOtherTab(listener: () => void): () => void;
}

/** A store in the browser's storage; `key` keeps the chats of two deployments on one site apart. */
export function browserStore(key: string): Store {
  const local = guarded(() => window.localStorage);
  const tab = guarded(() => window.sessionStorage);
  const sessionKey = `flowdesk.webchat.${key}`;
  const soundKey = "flowdesk.webchat.sound";
  const unsentKey = `flowdesk.webchat.unsent.${key}`;
  return {
    session: () => {
      const saved = parsed<Partial<Session>>(local.get(sessionKey));
      if (!saved?.token) return null;
      return {
        token: saved.token,
        conversationSid: saved.conversationSid ?? "",
        identity: saved.identity ?? "",
        readIndex: typeof saved.readIndex === "number" ? saved.readIndex : -1,
        expiresAt: typeof saved.expiresAt === "number" ? saved.expiresAt : 0,
        left: saved.left === true,
      };
    },
    saveSession: (session) => local.set(sessionKey, session && JSON.stringify(session)),
    unsent: () => {
      const saved = parsed<Unsent[]>(tab.get(unsentKey));
      return Array.isArray(saved) ? saved.filter((item) => item && item.ref && (item.body || item.media?.length)) : [];
    },
    saveUnsent: (unsent) => tab.set(unsentKey, unsent.length ? JSON.stringify(unsent) : null),
    sound: () => parsed<boolean>(local.get(soundKey)),
    saveSound: (on) => local.set(soundKey, String(on)),
    onOtherTab: (listener) => {
      const heard = (event: StorageEvent) => {
        if (event.key === sessionKey) listener();
      };
      window.addEventListener("storage", heard);
      return () => window.removeEventListener("storage", heard);
    },
  };
}

function guarded(open: () => Storage) {
  const memory = new Map<string, string>();
  let storage: Storage | null = null;
  try {
    storage = open();
  } catch {
    // Blocked by the browser (third-party storage, private window): the memory serves until the page goes.
  }
  return {
    get: (key: string): string | null => {
      try {
        return storage ? storage.getItem(key) : (memory.get(key) ?? null);
      } catch {
        return memory.get(key) ?? null;
      }
    },
    set: (key: string, value: string | null): void => {
      if (value === null) memory.delete(key);
      else memory.set(key, value);
      try {
        if (value === null) storage?.removeItem(key);
        else storage?.setItem(key, value);
      } catch {
        // A full or forbidden storage: the memory has it.
      }
    },
  };
}

function parsed<T>(json: string | null): T | null {
  if (!json) return null;
  try {
    return JSON.parse(json) as T;
  } catch {
    return null;
  }
}
