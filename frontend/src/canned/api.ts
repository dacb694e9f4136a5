/** Calls of canned replies and templates (docs/contracts.md §6). */
import { api } from "../api/client";
import type { CannedReply, MessageTemplate } from "../api/console-types";

export type ReplyValues = Pick<CannedReply, "shortcode" | "body" | "folder" | "channels" | "steps"> & { media: string[] };
export type TemplateValues = Pick<MessageTemplate, "name" | "channel_type" | "content_sid" | "body">;

export const canned = {
  list: async () => (await api.get<{ replies: CannedReply[] }>("canned-replies")).replies,
  create: (values: ReplyValues, scope: CannedReply["scope"]) => api.post<CannedReply>("canned-replies", { ...values, scope }),
  update: (sid: string, values: ReplyValues) => api.put<CannedReply>(`canned-replies/${sid}`, values),
  remove: (sid: string) => api.delete(`canned-replies/${sid}`),
};

export const templates = {
  list: async () => (await api.get<{ templates: MessageTemplate[] }>("message-templates")).templates,
  create: (values: TemplateValues) => api.post<MessageTemplate>("message-templates", values),
  update: (sid: string, values: TemplateValues) => api.put<MessageTemplate>(`message-templates/${sid}`, values),
  remove: (sid: string) => api.delete(`message-templates/${sid}`),
};
