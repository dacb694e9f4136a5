/** Contacts and what is known of a customer (docs/contracts.md, "An agent's work besides writing"). */
import { api } from "../api/client";
import type { JsonObject } from "../api/types";

export type Address = { channel_type: string; address: string };

export type Contact = {
  sid: string;
  name: string;
  attributes: JsonObject;
  addresses: Address[];
  date_created: string;
  date_updated: string;
};

export type Earlier = {
  sid: string;
  state: "active" | "inactive" | "closed";
  channel_type: string;
  date_created: string;
  date_closed: string | null;
  messages: number;
  last_message: string | null;
  wrap_ups: { agent: string; disposition: string; notes: string; values: Record<string, string | boolean> }[];
};

export type FlowPart = {
  sid: string;
  flow_name: string;
  status: string;
  current_widget: string | null;
  variables: JsonObject;
  path: { name: string; type: string; event: string }[];
};

export type Customer = { contact: Contact | null; conversations: Earlier[]; executions: FlowPart[] };

export type ContactDraft = { name: string; addresses: Address[]; attributes: JsonObject };

export const contacts = {
  customer: (conversationSid: string) => api.get<Customer>(`conversations/${conversationSid}/customer`),
  list: (q: string, pageToken?: string) => api.get<{ contacts: Contact[]; next_page_token: string | null }>("contacts", { query: { q, page_token: pageToken } }),
  read: (sid: string) => api.get<Contact>(`contacts/${sid}`),
  conversations: (sid: string) => api.get<{ conversations: Earlier[] }>(`contacts/${sid}/conversations`),
  create: (draft: ContactDraft) => api.post<Contact>("contacts", draft),
  update: (sid: string, draft: Partial<ContactDraft>) => api.put<Contact>(`contacts/${sid}`, draft),
  merge: (sid: string, otherSid: string) => api.post<Contact>(`contacts/${sid}/merge`, { other_sid: otherSid }),
  remove: (sid: string) => api.delete(`contacts/${sid}`),
};
