/** The console's calls of `/app/v1` (docs/contracts.md §6). */
import { api } from "../../api/client";
import type { ConsoleState, Conversation, ExecutionDetail, Message, Reservation, Worker } from "../../api/types";
import { PAGE_SIZE } from "../core/transcript";

export type Answer = "accepted" | "rejected" | "wrapping" | "completed";

/** Behind an interface, so that the client's tests need no network. */
export const requests = {
  readConsole: () => api.get<ConsoleState>("console"),
  setActivity: (activitySid: string) => api.post<Worker>("console/activity", { activity_sid: activitySid }),
  answerReservation: (sid: string, status: Answer, outcome?: string) =>
    api.post<Reservation>(`console/reservations/${sid}`, { status, ...(outcome ? { outcome } : {}) }),
  /** Without `before` and `after`: the newest page. Ascending by index in any case. */
  readMessages: async (conversationSid: string, where: { before?: number; after?: number } = {}): Promise<Message[]> => {
    const query = { ...where, limit: PAGE_SIZE };
    return (await api.get<{ messages: Message[] }>(`conversations/${conversationSid}/messages`, { query })).messages;
  },
  sendMessage: (conversationSid: string, message: { body: string; client_ref: string }) =>
    api.post<Message>(`conversations/${conversationSid}/messages`, message),
  markRead: (conversationSid: string, index: number) => api.post<void>(`conversations/${conversationSid}/read`, { index }),
  readConversation: (conversationSid: string) => api.get<Conversation>(`conversations/${conversationSid}`),
  readExecution: (executionSid: string) => api.get<ExecutionDetail>(`executions/${executionSid}`),
};

export type Requests = typeof requests;
