/** The calls behind an agent's work besides writing (docs/contracts.md, "An agent's work besides writing"). */
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";
import type { Act } from "../../core/acts";

export type Mode = "optional" | "mandatory" | "timed" | "timed_strict";
export type Field = { name: string; label: string; type: "text" | "select" | "checkbox"; required: boolean; options: string[] };

export type Rules = {
  mode: Mode;
  seconds: number | null;
  extension_seconds: number;
  dispositions: string[];
  needs_disposition: boolean;
  fields: Field[];
};

export type Values = Record<string, string | boolean>;
export type Notes = { disposition?: string; notes?: string; values?: Values };

export type WrapUp = Rules & {
  disposition: string;
  notes: string;
  values: Values;
  is_extended: boolean;
  date_started: string;
  due_at: string | null;
  date_ended: string | null;
  ended_by: string;
};

export type Transfer = {
  sid: string;
  type: "cold" | "warm" | "external";
  status: "active" | "completed" | "failed";
  reason: string;
  to_sid: string;
  to_name: string;
  note: string;
  is_mine: boolean;
  has_joined: boolean;
  date_created: string;
  date_updated: string;
};

export type Work = {
  agents: { sid: string; worker_sid: string | null; name: string; is_me: boolean }[];
  transfers: Transfer[];
  arrived_by: { type: string; from: string; note: string } | null;
  waiting_flow: string | null;
  rules: Rules;
  wrap_up: WrapUp | null;
};

export type DirectoryQueue = {
  sid: string;
  name: string;
  waiting: number;
  longest_wait: number | null;
  workers: number;
  available: number;
  is_listed: boolean;
};

export type DirectoryAgent = {
  sid: string;
  name: string;
  activity: string;
  available: boolean;
  open_tasks: number;
  has_room: boolean;
  is_present: boolean;
};

export type Directory = { queues: DirectoryQueue[]; agents: DirectoryAgent[] };

export type WakeTo = "agent" | "queue" | "workflow";

export type Parked = {
  sid: string;
  wake_to: WakeTo;
  note: string;
  wake_at: string | null;
  date_parked: string;
  worker_name: string;
  queue_name: string;
  conversation: { sid: string; channel_type: string; customer_name: string; customer_address: string; last_message: string | null };
};

const at = (reservationSid: string) => `console/reservations/${reservationSid}`;

export const work = {
  read: (sid: string) => api.get<Work>(`${at(sid)}/work`),
  transfer: (sid: string, body: { type: "cold" | "warm"; to: string; note: string }) => api.post<Work>(`${at(sid)}/transfer`, body),
  cancelTransfer: (transferSid: string) => api.post<Transfer>(`console/transfers/${transferSid}/cancel`, {}),
  end: (sid: string, forAll: boolean) => api.post<Work>(`${at(sid)}/end`, { for_all: forAll }),
  leave: (sid: string) => api.post<Work>(`${at(sid)}/leave`, {}),
  park: (sid: string, body: { wake_to: WakeTo; note: string; wake_at?: string; seen_index?: number }) => api.post<void>(`${at(sid)}/park`, body),
  handBack: (sid: string, flowSid: string | null) => api.post<void>(`${at(sid)}/hand-back`, flowSid ? { flow_sid: flowSid } : {}),
  saveNotes: (sid: string, notes: Notes) => api.put<WrapUp>(`${at(sid)}/wrap-up`, notes),
  extend: (sid: string) => api.post<WrapUp>(`${at(sid)}/wrap-up/extend`, {}),
  complete: (sid: string, notes?: Notes) => api.post<unknown>(at(sid), { status: "completed", ...(notes ? { wrap_up: notes } : {}) }),
  directory: (sid: string) => api.get<Directory>("console/directory", { query: { reservation: sid } }),
  flows: () => api.get<{ flows: { sid: string; friendly_name: string }[] }>("console/flows"),
  parked: () => api.get<{ parked: Parked[] }>("console/parked"),
  wake: (parkedSid: string) => api.post<{ task_sid: string }>(`console/parked/${parkedSid}`, { action: "wake" }),
  closeParked: (parkedSid: string) => api.post<void>(`console/parked/${parkedSid}`, { action: "close" }),
};

/** Everything that hangs on what colleagues do is read again when the socket hints at it, and now and then besides. */
const WORK = "work";

export function useWork(reservationSid: string, enabled = true) {
  return useQuery({ queryKey: [WORK, "of", reservationSid], queryFn: () => work.read(reservationSid), enabled, refetchInterval: 20_000, retry: 1 });
}

/** What happened around a conversation, read again with `changes`; undefined until it is known, and where it cannot be read. */
export function useActs(conversationSid: string, ...changes: string[]): readonly Act[] | undefined {
  const query = useQuery({
    queryKey: [WORK, "acts", conversationSid, ...changes],
    placeholderData: keepPreviousData,
    queryFn: () => api.get<{ acts: Act[] }>(`conversations/${conversationSid}/acts`),
    refetchInterval: 30_000,
    retry: 1,
  });
  return query.data?.acts;
}

export function useParked() {
  return useQuery({ queryKey: [WORK, "parked"], queryFn: work.parked, refetchInterval: 30_000, retry: 1 });
}

export function useDirectory(reservationSid: string, enabled: boolean) {
  return useQuery({ queryKey: [WORK, "directory", reservationSid], queryFn: () => work.directory(reservationSid), enabled, refetchInterval: 5_000 });
}

export function useRereadWork(): () => Promise<void> {
  const client = useQueryClient();
  return () => client.invalidateQueries({ queryKey: [WORK] });
}
