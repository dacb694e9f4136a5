/** A contact's form as rows of text, and back. */
import type { Json, JsonObject } from "../api/types";
import { readableName } from "../console/core/tasks";
import type { Address, Contact, ContactDraft } from "./api";

export type Row = { key: string; value: string };
export type Draft = { name: string; addresses: Address[]; rows: Row[] };

export const CHANNELS = [
  { value: "sms", label: "SMS" },
  { value: "whatsapp", label: "WhatsApp" },
  { value: "messenger", label: "Messenger" },
  { value: "gbm", label: "Business Messages" },
  { value: "rcs", label: "RCS" },
  { value: "chat", label: "Web chat" },
];

export function draftOf(contact: Contact | null): Draft {
  if (!contact) return { name: "", addresses: [{ channel_type: "sms", address: "" }], rows: [] };
  return {
    name: contact.name,
    addresses: contact.addresses.map((each) => ({ ...each })),
    rows: Object.entries(contact.attributes).map(([key, value]) => ({ key, value: textOf(value) })),
  };
}

/** Attributes are texts to whoever edits them; what was JSON and is JSON still stays JSON. */
export function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

export function valueOf(text: string): Json {
  if (!/^(?:[{[].*|-?\d+(?:\.\d+)?|true|false|null)$/s.test(text.trim())) return text;
  // A phone number or a postal code is no number: only what writes itself the same again is one.
  try {
    const value = JSON.parse(text) as Json;
    return JSON.stringify(value) === text.trim() || typeof value === "object" ? value : text;
  } catch {
    return text;
  }
}

/** What to send, or what is wrong in a sentence. */
export function written(draft: Draft): ContactDraft | string {
  const addresses = draft.addresses.map((each) => ({ ...each, address: each.address.trim() })).filter(({ address }) => address);
  const rows = draft.rows.filter(({ key, value }) => key.trim() || value.trim());
  if (!draft.name.trim() && !addresses.length) return "Give a name or an address.";
  if (rows.some(({ key }) => !key.trim())) return "Every attribute needs a name.";
  const keys = rows.map(({ key }) => key.trim());
  if (new Set(keys).size < keys.length) return "Two attributes have the same name.";
  const attributes: JsonObject = Object.fromEntries(rows.map(({ key, value }) => [key.trim(), valueOf(value)]));
  return { name: draft.name.trim(), addresses, attributes };
}

export function titleOf(contact: Contact): string {
  return contact.name || readableName(contact.addresses[0]?.address ?? "") || "Unknown customer";
}
