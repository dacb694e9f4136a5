/** Moving a builder's state to the server: autosave, publish, live checks. */
import { notifications } from "@mantine/notifications";
import { useEffect } from "react";

import { api, ApiError } from "../api/client";
import type { ConflictDetails, Flow, Problem } from "../api/types";
import { same } from "./core/diff";
import { merge } from "./core/merge";
import { asDefinition } from "./core/model";
import { isDirty, type BuilderStore } from "./store";

const AUTOSAVE_MS = 2000;
const RETRY_MS = 10_000;
const CHECK_MS = 600;

function isConflict(error: unknown): error is ApiError & { details: ConflictDetails } {
  return error instanceof ApiError && error.status === 409 && error.details !== null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "Saving did not work.";
}

/** Save the draft now. Answers whether the server has everything afterwards. */
export async function saveDraft(store: BuilderStore, commitMessage?: string): Promise<boolean> {
  const state = store.getState();
  if (state.save.kind === "saving" || state.save.kind === "conflict") return false;
  if (!isDirty(state)) return true;
  const sent = { definition: state.history.present, friendlyName: state.meta.friendlyName };
  state.setSave({ kind: "saving" });
  try {
    const flow = await api.put<Flow>(`flows/${state.meta.sid}/draft`, {
      definition: sent.definition,
      base_revision: state.meta.revision,
      friendly_name: sent.friendlyName,
      ...(commitMessage ? { commit_message: commitMessage } : {}),
    });
    store.getState().accept(flow, sent);
    return !isDirty(store.getState());
  } catch (error) {
    if (!isConflict(error)) {
      store.getState().setSave({ kind: "failed", message: messageOf(error) });
      return false;
    }
    store.getState().setSave({ kind: "conflict", details: error.details });
    return (await combineIfClear(store, error.details)) && saveDraft(store, `Combined with revision ${error.details.revision} of ${error.details.author || "another"}`);
  }
}

/**
 * Put another's newer revision and the canvas together where they do not contradict each other. Answers whether that
 * was done; else the conflict stands and somebody has to choose.
 */
async function combineIfClear(store: BuilderStore, details: ConflictDetails): Promise<boolean> {
  try {
    const { meta, saved, history } = store.getState();
    const flow = await api.get<Flow>(`flows/${meta.sid}`);
    const theirs = asDefinition(flow.definition);
    if (!theirs) return false;
    if (same(theirs, history.present)) {
      // It was this tab's own save whose answer never came.
      store.getState().accept(flow, { definition: history.present, friendlyName: flow.friendly_name });
      return true;
    }
    const { definition, conflicts } = merge(saved.definition, history.present, theirs);
    // What was typed while the request was under way is not in it.
    if (conflicts.length > 0 || store.getState().history.present !== history.present) return false;
    store.getState().combine(flow, definition, `Combine with ${details.author || "another"}'s changes`);
    notifications.show({
      color: "petrol",
      title: `${details.author || "Somebody"} saved in between`,
      message: `Revision ${flow.revision} and your changes did not touch the same things; both are on the canvas now.`,
    });
    return true;
  } catch {
    return false;
  }
}

/** Take over a newer revision that somebody saved, while there is nothing of one's own to lose. */
export async function follow(store: BuilderStore, author: string): Promise<void> {
  const before = store.getState();
  const flow = await api.get<Flow>(`flows/${before.meta.sid}`);
  const { history, meta } = store.getState();
  if (isDirty(store.getState()) || history.present !== before.history.present || flow.revision <= meta.revision) return;
  store.getState().adopt(flow, `Changes of ${author}`);
}

/**
 * Publish what is on the canvas.
 *
 * :raises ApiError: code 81022 with `details.errors` when the flow has errors, 409 when somebody saved in between.
 */
export async function publish(store: BuilderStore, commitMessage: string): Promise<Flow> {
  const state = store.getState();
  const sent = { definition: state.history.present, friendlyName: state.meta.friendlyName };
  // The name travels with a draft only, so a new name is saved first.
  if (sent.friendlyName !== state.saved.friendlyName) await saveDraft(store);
  try {
    const flow = await api.post<Flow>(`flows/${state.meta.sid}/publish`, {
      definition: sent.definition,
      base_revision: store.getState().meta.revision,
      ...(commitMessage ? { commit_message: commitMessage } : {}),
    });
    store.getState().accept(flow, sent);
    return flow;
  } catch (error) {
    if (isConflict(error)) store.getState().setSave({ kind: "conflict", details: error.details });
    throw error;
  }
}

/** The `details.errors` of a refused publish, when that is what went wrong. */
export function publishErrors(error: unknown): Problem[] | null {
  if (!(error instanceof ApiError) || !error.details || typeof error.details !== "object") return null;
  const { errors } = error.details as { errors?: unknown };
  return Array.isArray(errors) ? (errors as Problem[]) : null;
}

/** Save a while after the last change; ask before a page with unsaved changes is left. */
export function useAutosave(store: BuilderStore): void {
  useEffect(() => {
    let timer: number | undefined;
    const unsubscribe = store.subscribe((state, before) => {
      const failed = state.save.kind === "failed" && before.save.kind !== "failed";
      const moved =
        failed ||
        state.history.present !== before.history.present ||
        state.meta.friendlyName !== before.meta.friendlyName ||
        (state.save.kind === "changed" && before.save.kind !== "changed");
      if (!moved) return;
      window.clearTimeout(timer);
      if (isDirty(state)) timer = window.setTimeout(() => void saveDraft(store), failed ? RETRY_MS : AUTOSAVE_MS);
    });
    const guard = (event: BeforeUnloadEvent) => {
      if (isDirty(store.getState())) event.preventDefault();
    };
    window.addEventListener("beforeunload", guard);
    return () => {
      unsubscribe();
      window.clearTimeout(timer);
      window.removeEventListener("beforeunload", guard);
      // Leaving for another screen: what the timer had not saved yet is saved now.
      void saveDraft(store);
    };
  }, [store]);
}

/**
 * Ask the server what is wrong a moment after each change. A check that fails changes nothing and is made again: what
 * was wrong before would keep the flow from being published.
 */
export function useLiveCheck(store: BuilderStore): void {
  useEffect(() => {
    let timer: number | undefined;
    let request: AbortController | undefined;
    const check = async () => {
      request?.abort();
      request = new AbortController();
      const { history, setProblems, setChecking } = store.getState();
      setChecking(true);
      try {
        const found = await api.post<{ errors: Problem[]; warnings: Problem[] }>(
          "flows/validate",
          { definition: history.present },
          { signal: request.signal },
        );
        setProblems([...found.errors, ...found.warnings]);
        setChecking(false);
      } catch (error) {
        if (error instanceof DOMException) return;
        setChecking(false);
        if (error instanceof ApiError && error.status >= 400 && error.status < 500) return;
        window.clearTimeout(timer);
        timer = window.setTimeout(() => void check(), RETRY_MS);
      }
    };
    const unsubscribe = store.subscribe((state, before) => {
      if (state.history.present === before.history.present) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => void check(), CHECK_MS);
    });
    void check();
    return () => {
      unsubscribe();
      window.clearTimeout(timer);
      request?.abort();
    };
  }, [store]);
}
