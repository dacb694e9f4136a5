/** What an admin sets of how agents work on a queue's tasks (docs/contracts.md, "desk-policies"). */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";

export type Mode = "optional" | "mandatory" | "timed" | "timed_strict";
export type Field = { name?: string; label: string; type: "text" | "select" | "checkbox"; required: boolean; options: string[] };

export type Policy = {
  mode: Mode;
  seconds: number;
  extension_seconds: number;
  dispositions: string[];
  with_general: boolean;
  needs_disposition: boolean;
  fields: Field[];
  auto_accept: boolean;
  is_listed: boolean;
};

export type Policies = { general: Policy; queues: { queue_sid: string; queue_name: string; policy: Policy | null }[] };

export const MODES: { value: Mode; label: string; hint: string }[] = [
  { value: "optional", label: "Optional", hint: "Agents may complete at once; nothing is asked." },
  { value: "mandatory", label: "Mandatory", hint: "Agents wrap up after every conversation, as long as they need." },
  { value: "timed", label: "Time-boxed", hint: "It completes by itself when the time is over; agents may be done earlier." },
  { value: "timed_strict", label: "Time-boxed, no early exit", hint: "It completes by itself when the time is over, and not before." },
];

export function modeText({ mode, seconds }: Policy): string {
  const label = MODES.find(({ value }) => value === mode)?.label ?? mode;
  return mode === "timed" || mode === "timed_strict" ? `${label} · ${seconds} s` : label;
}

const KEY = ["desk-policies"];

export function usePolicies() {
  return useQuery({ queryKey: KEY, queryFn: () => api.get<Policies>("desk-policies") });
}

/** Save the policy of a queue, or of all others (`general`); null: let the general one hold for the queue again. */
export function useSavePolicy(sid: string, onSaved: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (policy: Policy | null) => {
      if (policy) await api.put<Policy>(`desk-policies/${sid}`, policy);
      else await api.delete(`desk-policies/${sid}`);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: KEY });
      onSaved();
    },
  });
}
