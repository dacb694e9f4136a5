/**
 * What a simulated phone shows: the messages the server has, and its own ones that are still on the way.
 *
 * Pure values. The server's list carries no reference, so a message of ours that comes back is recognised by its
 * text, oldest first: the phone sends one after the other.
 */

export type PhoneMessage = {
  id: string;
  /** "out": written on this phone; "in": to this phone. */
  direction: "in" | "out";
  body: string;
  media: { url: string; content_type: string; filename: string | null }[];
  date_created: string;
};

export type Outgoing = { ref: string; body: string; status: "sending" | "failed"; error: string | null; sentAt: string };

export type Phone = {
  readonly messages: readonly PhoneMessage[];
  readonly outgoing: readonly Outgoing[];
};

export const emptyPhone: Phone = { messages: [], outgoing: [] };

/** The id to ask behind, or empty while nothing is here. */
export function lastId(phone: Phone): string {
  return phone.messages.at(-1)?.id ?? "";
}

/** Add what a poll answered; what is here already changes nothing. */
export function receive(phone: Phone, arrived: readonly PhoneMessage[]): Phone {
  const known = new Set(phone.messages.map((message) => message.id));
  const fresh = arrived.filter((message) => !known.has(message.id));
  if (!fresh.length) return phone;
  const outgoing = [...phone.outgoing];
  for (const message of fresh) {
    if (message.direction !== "out") continue;
    const at = outgoing.findIndex((entry) => entry.body === message.body);
    if (at >= 0) outgoing.splice(at, 1);
  }
  return { messages: [...phone.messages, ...fresh], outgoing };
}

/** Show a message at once; the same reference again is another attempt. */
export function startSending(phone: Phone, ref: string, body: string, sentAt: string): Phone {
  const entry: Outgoing = { ref, body, status: "sending", error: null, sentAt };
  const known = phone.outgoing.some((other) => other.ref === ref);
  return {
    ...phone,
    outgoing: known ? phone.outgoing.map((other) => (other.ref === ref ? entry : other)) : [...phone.outgoing, entry],
  };
}

export function failSending(phone: Phone, ref: string, error: string): Phone {
  return {
    ...phone,
    outgoing: phone.outgoing.map((entry) => (entry.ref === ref ? { ...entry, status: "failed", error } : entry)),
  };
}

/** A made-up North American number; area code 555 is given to nobody. */
export function numberFrom(random: () => number): string {
  const digits = Array.from({ length: 6 }, () => Math.floor(random() * 10)).join("");
  return `+1555${2 + Math.floor(random() * 8)}${digits}`;
}

/** `+15552345678` as `+1 555 234 5678`; other texts as they are. */
export function readableNumber(address: string): string {
  const number = address.replace(/^\w+:/, "");
  const match = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(number);
  return match ? `+1 ${match[1]} ${match[2]} ${match[3]}` : number;
}
