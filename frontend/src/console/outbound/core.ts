/** What the dialog decides about senders and templates; no markup, no requests. */
import type { OutboundRequest } from "./request";

export type Sender = { sid: string; type: string; address: string; friendly_name: string; window_hours: number | null };
export type Template = { sid: string; name: string; channel_type: string; content_sid: string; body: string; variables: string[] };

const PLACE = /\{\{(.*?)\}\}/gs;

/** The sender that a link means: by SID or address, else by channel (of the address, where none is named). */
export function senderFor(senders: readonly Sender[], request: OutboundRequest): Sender | undefined {
  const named = senders.find(({ sid, address }) => request.from !== "" && (sid === request.from || address === request.from));
  if (named) return named;
  const channel = request.channel || (/^([a-z]+):/.exec(request.to)?.[1] ?? (request.to.startsWith("+") ? "sms" : ""));
  return senders.find(({ type }) => type === channel);
}

/** The names of a template's places, each once, in order. */
export function placesOf(body: string): string[] {
  return [...new Set([...body.matchAll(PLACE)].map(([, name]) => (name ?? "").trim()))];
}

/** What the customer will read; an empty place stays as it is written. */
export function preview(body: string, variables: Readonly<Record<string, string>>): string {
  return body.replace(PLACE, (whole, name: string) => variables[name.trim()]?.trim() || whole);
}
