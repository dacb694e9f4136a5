/**
 * The history of each flow kept in the browser, so that a reload, a crash or a closed tab takes neither undo nor what
 * was not saved yet. IndexedDB, since a history may take megabytes; where there is none, nothing is kept.
 */
import { useEffect } from "react";

import type { Definition } from "../api/types";
import { pack, unpack, type PackedHistory } from "./core/pack";
import { isDirty, type BuilderStore, type Kept } from "./store";

const DATABASE = "flowdesk-builder";
const STORE = "histories";
/** Flows whose history is kept; those opened longest ago are forgotten first. */
const MOST = 30;
const WRITE_MS = 700;

type Row = { key: string; at: number; revision: number; history: PackedHistory; saved: Definition | null };

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB cannot be opened."));
  });
}

async function transact<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const request = work(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error("IndexedDB refused."));
    });
  } finally {
    database.close();
  }
}

/** Of another person at the same browser nothing is taken over. */
function keyOf(userSid: string, flowSid: string): string {
  return `${userSid} ${flowSid}`;
}

export async function readKept(userSid: string, flowSid: string): Promise<Kept | null> {
  try {
    const row = await transact<Row | undefined>("readonly", (store) => store.get(keyOf(userSid, flowSid)) as IDBRequest<Row | undefined>);
    const history = row ? unpack(row.history) : null;
    return row && history ? { history, revision: row.revision, saved: row.saved ?? history.present } : null;
  } catch {
    return null;
  }
}

async function write(userSid: string, store: BuilderStore): Promise<void> {
  const state = store.getState();
  const key = keyOf(userSid, state.meta.sid);
  const row: Row = {
    key,
    at: Date.now(),
    revision: state.meta.revision,
    history: pack(state.history),
    saved: isDirty(state) ? state.saved.definition : null,
  };
  await transact("readwrite", (rows) => rows.put(row));
  const keys = await transact("readonly", (rows) => rows.getAllKeys());
  if (keys.length > MOST) await forgetOldest(key);
}

async function forgetOldest(but: string): Promise<void> {
  const rows = await transact<Row[]>("readonly", (store) => store.getAll() as IDBRequest<Row[]>);
  const old = rows.filter((row) => row.key !== but).sort((a, b) => a.at - b.at);
  for (const row of old.slice(0, rows.length - MOST)) await transact("readwrite", (store) => store.delete(row.key));
}

/** Keep what changes, a moment after it did, and at once when the page is left. */
export function useKeeping(store: BuilderStore, userSid: string): void {
  useEffect(() => {
    let timer: number | undefined;
    const keep = () => {
      window.clearTimeout(timer);
      timer = undefined;
      // A full disk or a private window: the builder works on, and a reload forgets.
      write(userSid, store).catch(() => undefined);
    };
    const unsubscribe = store.subscribe((state, before) => {
      if (state.history === before.history && state.saved === before.saved) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(keep, WRITE_MS);
    });
    const onHide = () => {
      if (timer !== undefined) keep();
    };
    window.addEventListener("pagehide", onHide);
    document.addEventListener("visibilitychange", onHide);
    return () => {
      unsubscribe();
      onHide();
      window.removeEventListener("pagehide", onHide);
      document.removeEventListener("visibilitychange", onHide);
    };
  }, [store, userSid]);
}
