/**
 * What `/console/start?…` asks for: a conversation with somebody, begun by the agent (docs/contracts.md, "The console").
 *
 * A link fills in the dialog and never sends by itself: the agent looks at it and begins.
 */

export type OutboundRequest = {
  /** The customer's address, as the channel writes it (`+15551234567`, `whatsapp:+15551234567`). */
  to: string;
  /** One of our senders; empty: the dialog chooses. */
  from: string;
  /** `sms`, `whatsapp`, …; empty: by `from`, or the dialog chooses. */
  channel: string;
  name: string;
  body: string;
  /** Anything else the caller wants to find again on the task, by `attribute.<name>`. */
  attributes: Record<string, string>;
};

const MAX_TEXT = 1_600;
const MAX_SHORT = 256;
const MAX_ATTRIBUTES = 20;

export const emptyRequest: OutboundRequest = { to: "", from: "", channel: "", name: "", body: "", attributes: {} };

/** Read a link's query. What is too long is cut; what is unknown is left out. */
export function readRequest(search: URLSearchParams): OutboundRequest {
  const short = (name: string) => (search.get(name) ?? "").trim().slice(0, MAX_SHORT);
  const attributes = [...search.entries()]
    .filter(([name]) => name.startsWith("attribute.") && name.length > "attribute.".length)
    .slice(0, MAX_ATTRIBUTES)
    .map(([name, value]): [string, string] => [name.slice("attribute.".length, MAX_SHORT), value.slice(0, MAX_SHORT)]);
  return {
    to: short("to"),
    from: short("from"),
    channel: short("channel"),
    name: short("name"),
    body: (search.get("body") ?? "").slice(0, MAX_TEXT),
    attributes: Object.fromEntries(attributes),
  };
}

/** The link that opens the dialog with this request. */
export function addressOf(request: OutboundRequest): string {
  const search = new URLSearchParams();
  for (const name of ["to", "from", "channel", "name", "body"] as const) if (request[name]) search.set(name, request[name]);
  for (const [name, value] of Object.entries(request.attributes)) search.set(`attribute.${name}`, value);
  return `/console/start?${search.toString()}`;
}
