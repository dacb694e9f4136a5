import { useEffect } from "react";

import { Connection } from "../../../webchat/src/connection";
import { useSession } from "../../app/session";
import { follow } from "../saving";
import { isDirty, type BuilderStore } from "../store";
import type { UiStore } from "../ui";
import { hear, withoutSilent, type Event } from "./editors";

const SAY_MS = 15_000;
/** A selection that jumps about is told of once it rests. */
const REST_MS = 250;

type Saved = { type: "saved"; revision: number; status: string; user_sid: string; name: string };

/** Says where this tab is, hears of the others, and of what they save. The builder does without, where there is no socket. */
export function usePresence(store: BuilderStore, ui: UiStore): void {
  const { user } = useSession();
  useEffect(() => {
    const { sid } = store.getState().meta;
    const set = ui.getState().set;
    const connection = new Connection({
      url: () => `${window.location.origin.replace(/^http/, "ws")}/ws/builder/?flow=${sid}`,
      onEvent: (event) => {
        if (event.type === "editor" || event.type === "left") set({ others: hear(ui.getState().others, event as unknown as Event, Date.now()) });
        if (event.type === "saved") onSaved(event as unknown as Saved);
      },
      onStatus: (status) => {
        if (status === "open") say();
        else set({ others: [] });
      },
      onRefused: () => set({ others: [] }),
    });
    const say = () => connection.send({ type: "here", widgets: [...store.getState().selection].slice(0, 20) });
    const onSaved = ({ revision, name }: Saved) => {
      const state = store.getState();
      // One's own save is told of, too, sometimes before its answer has come.
      if (revision <= state.meta.revision || state.save.kind === "saving" || isDirty(state)) return;
      follow(store, name || "another").then(
        () => set({ announcement: `${name || "Somebody"} saved revision ${revision}; it is on the canvas` }),
        () => undefined,
      );
    };
    let rest: number | undefined;
    const unsubscribe = store.subscribe((state, before) => {
      if (state.selection === before.selection) return;
      window.clearTimeout(rest);
      rest = window.setTimeout(say, REST_MS);
    });
    const beat = window.setInterval(() => {
      say();
      const others = ui.getState().others;
      const left = withoutSilent(others, Date.now());
      if (left !== others) set({ others: left });
    }, SAY_MS);
    connection.open();
    return () => {
      unsubscribe();
      window.clearTimeout(rest);
      window.clearInterval(beat);
      connection.close();
    };
  }, [store, ui, user.sid]);
}
