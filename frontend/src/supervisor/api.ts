/** The supervisors' calls of `/app/v1` (docs/contracts.md §6). */
import { notifications } from "@mantine/notifications";
import { keepPreviousData, useMutation, useQuery, useQueryClient, type QueryKey } from "@tanstack/react-query";

import { api } from "../api/client";
import type { Agent, AgentPage, ChatPage, Goals, Help, Wallboard } from "./types";

/** The socket says when something is different (floor.ts); this is for when it cannot, and for what only time changes. */
const EVERY_MS = 15_000;
export const PAGE = 50;

export function useWallboard(window: string) {
  return useQuery({
    queryKey: ["supervisor", "wallboard", window],
    queryFn: () => api.get<Wallboard>("supervisor/wallboard", { query: { window } }),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

export type AgentFilters = { activity_sid: string; team: string; skill: string; queue_sid: string; text: string; sort: string };

export function useAgents(filters: AgentFilters, offset: number, enabled = true) {
  return useQuery({
    enabled,
    queryKey: ["supervisor", "agents", filters, offset],
    queryFn: () => api.get<AgentPage>("supervisor/agents", { query: { ...filters, offset, limit: PAGE } }),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

export function useChats(filters: { status: string; queue_sid: string }, offset: number) {
  return useQuery({
    queryKey: ["supervisor", "chats", filters, offset],
    queryFn: () => api.get<ChatPage>("supervisor/chats", { query: { ...filters, offset, limit: PAGE } }),
    refetchInterval: EVERY_MS,
    placeholderData: keepPreviousData,
  });
}

export function useHelp(enabled: boolean) {
  return useQuery({
    queryKey: ["supervisor", "help"],
    queryFn: async () => (await api.get<{ help: Help[] }>("supervisor/help")).help,
    refetchInterval: EVERY_MS,
    enabled,
  });
}

/**
 * Do something on the floor, then read it anew; a refusal is told in a notification. It is busy until what it changes
 * is read again: everything, or `until`, and then the rest.
 */
export function useAct<Input, Answer = unknown>(act: (input: Input) => Promise<Answer>, onDone?: (answer: Answer) => void, until: QueryKey = ["supervisor"]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async (answer) => {
      onDone?.(answer);
      await client.invalidateQueries({ queryKey: until });
      if (until.length > 1) void client.invalidateQueries({ queryKey: ["supervisor"] });
    },
    onError: (error) => notifications.show({ color: "clay", title: "Not done", message: error.message }),
  });
}

export const saveGoals = (goals: Partial<Goals>) => api.put<Goals>("supervisor/settings", goals);

export type AgentChange = {
  activity_sid?: string;
  skills?: string[];
  channels?: Record<string, { capacity?: number; available?: boolean }>;
  reject_pending_reservations?: boolean;
};

export const changeAgent = (sid: string, change: AgentChange) => api.put<Agent>(`supervisor/agents/${sid}`, change);

export const steerTask = (sid: string, body: { action: "requeue" | "end"; outcome: string; queue_sid?: string }) =>
  api.post<{ task_sid: string } | undefined>(`supervisor/tasks/${sid}`, body);

export const acceptHelp = (sid: string) => api.post<Help>(`supervisor/help/${sid}`);
export const settleHelp = (sid: string) => api.delete(`supervisor/help/${sid}`);
