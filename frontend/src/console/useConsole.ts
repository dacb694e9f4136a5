/** The console's client and model for React, and a clock that ticks. */
import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";

import type { ConsoleClient } from "./client";
import type { Model } from "./core/model";

export const ClientContext = createContext<ConsoleClient | null>(null);

export function useClient(): ConsoleClient {
  const client = use(ClientContext);
  if (!client) throw new Error("This part of the screen needs the console's client above it.");
  return client;
}

export function useModel(): Model {
  const client = useClient();
  return useSyncExternalStore(client.subscribe, client.getModel);
}

/** The browser's time in ms, renewed every `everyMs`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Whether the window matches a media query. */
export function useMedia(query: string): boolean {
  return useSyncExternalStore(
    (listener) => {
      const media = window.matchMedia(query);
      media.addEventListener("change", listener);
      return () => media.removeEventListener("change", listener);
    },
    () => window.matchMedia(query).matches,
  );
}
