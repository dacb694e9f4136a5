/** The console's calls of `/app/v1` (docs/contracts.md §6). */
import { api } from "../../api/client";
import type {
  AppToken, CannedReply, Hits, Internal, MessageTemplate, StoredPreferences,
} from "../../api/console-types";
import type { ConsoleState, Conversation, ExecutionDetail, Message, Reservation, Worker } from "../../api/types";
import { PAGE_SIZE } from "../core/transcript";

export type Answer = "accepted" | "rejected" | "wrapping" | "completed";

export type NewMessage = {
  client_ref: string;
  body?: string;
  media?: string[];
  template_sid?: string;
  variables?: Record<string, string>;
};

/** Behind an interface, so that the client's tests need no network. */
export const requests = {
  readConsole: () => api.get<ConsoleState>("console"),
  setActivity: (activitySid: string) => api.post<Worker>("console/activity", { activity_sid: activitySid }),
  answerReservation: (sid: string, status: Answer, outcome?: string) =>
    api.post<Reservation>(`console/reservations/${sid}`, { status, ...(outcome ? { outcome } : {}) }),
  /** Without `before` and `after`: the newest page. Ascending by index in any case. */
  readMessages: async (
    conversationSid: string, where: { before?: number; after?: number } = {}, limit = PAGE_SIZE,
  ): Promise<Message[]> => {
    const query = { ...where, limit };
    return (await api.get<{ messages: Message[] }>(`conversations/${conversationSid}/messages`, { query })).messages;
  },
  sendMessage: (conversationSid: string, message: NewMessage) =>
    api.post<Message>(`conversations/${conversationSid}/messages`, message),
  /** Notes and whispers behind a number, ascending. */
  readInternal: async (conversationSid: string, after: number): Promise<Internal[]> => {
    const query = { after, limit: 200 };
    return (await api.get<{ messages: Internal[] }>(`conversations/${conversationSid}/internal`, { query })).messages;
  },
  sendNote: (conversationSid: string, note: { client_ref: string; body: string; media: string[] }) =>
    api.post<Internal>(`conversations/${conversationSid}/internal`, note),
  search: (conversationSid: string, words: string) => api.get<Hits>(`conversations/${conversationSid}/search`, { query: { q: words } }),
  markRead: (conversationSid: string, index: number) => api.post<void>(`conversations/${conversationSid}/read`, { index }),
  readConversation: (conversationSid: string) => api.get<Conversation>(`conversations/${conversationSid}`),
  readExecution: (executionSid: string) => api.get<ExecutionDetail>(`executions/${executionSid}`),
  savePreferences: (parts: StoredPreferences) => api.put<StoredPreferences>("console/preferences", parts),
  readReplies: async () => (await api.get<{ replies: CannedReply[] }>("canned-replies")).replies,
  copyReplyMedia: async (conversationSid: string, replySid: string) =>
    (await api.post<{ media: Message["media"] }>(`conversations/${conversationSid}/media/copies`, { reply_sid: replySid })).media,
  readTemplates: async () => (await api.get<{ templates: MessageTemplate[] }>("message-templates")).templates,
  appToken: (appSid: string, reservationSid: string | null) =>
    api.post<AppToken>(`console/apps/${appSid}/token`, reservationSid ? { reservation_sid: reservationSid } : {}),
};

export type Requests = typeof requests;
