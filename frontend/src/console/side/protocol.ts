/**
 * What an app in the side panel and the console say to each other by `postMessage` (docs/admin.md, "Apps in the side panel").
 *
 * The console listens to the frame of the app and to its origin only; nothing an app says is ever sent to the customer.
 */
import type { AppToken, PanelApp } from "../../api/console-types";
import { emptyRequest, type OutboundRequest } from "../outbound/request";

export type FromApp =
  | { type: "flowdesk:ready" }
  | { type: "flowdesk:insert"; text: string }
  | { type: "flowdesk:start"; request: OutboundRequest };

const MAX_TEXT = 4_000;

/** What an app says, or null where it is nothing that is understood. */
export function readFromApp(data: unknown): FromApp | null {
  if (typeof data !== "object" || data === null || !("type" in data)) return null;
  const given = data as Record<string, unknown>;
  const text = (name: string) => (typeof given[name] === "string" ? given[name].slice(0, MAX_TEXT) : "");
  switch (given["type"]) {
    case "flowdesk:ready":
      return { type: "flowdesk:ready" };
    case "flowdesk:insert":
      return text("text") ? { type: "flowdesk:insert", text: text("text") } : null;
    case "flowdesk:start":
      return {
        type: "flowdesk:start",
        request: { ...emptyRequest, to: text("to"), from: text("from"), channel: text("channel"), name: text("name"), body: text("body") },
      };
  }
  return null;
}

export type ToApp = { type: "flowdesk:context"; version: 1 } & AppToken;

export function toApp(token: AppToken): ToApp {
  return { type: "flowdesk:context", version: 1, ...token };
}

/** The origins that this page may show, as the server wrote them into it when it was loaded. */
export function framedOrigins(root: HTMLElement | null): readonly string[] {
  return (root?.dataset["frames"] ?? "").split(" ").filter(Boolean);
}

const RELOADED = "flowdesk.console.framed";

/** Load the page anew where it may not show the account's apps yet: once for each set of them, so that it never goes round. */
export function reloadForApps(apps: readonly PanelApp[], reload = () => window.location.reload()): void {
  const framed = framedOrigins(document.getElementById("root"));
  const wanted = apps.map(({ origin }) => origin).sort().join(" ");
  if (apps.every(({ origin }) => framed.includes(origin)) || window.sessionStorage.getItem(RELOADED) === wanted) return;
  window.sessionStorage.setItem(RELOADED, wanted);
  reload();
}
