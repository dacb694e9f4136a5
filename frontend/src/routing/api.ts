/** Reading and changing the routing of the account's default workspace. */
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, use } from "react";

import { api, ApiError } from "../api/client";
import type { Routing } from "./types";

const ROUTING = ["routing"];

/** Everything the screens list, with counts as of a few seconds ago. */
export function useRouting() {
  return useQuery({ queryKey: ROUTING, queryFn: () => api.get<Routing>("routing"), refetchInterval: 10_000 });
}

/**
 * Create (no sid) or change one row of `routing/<collection>`, then read everything anew.
 * `variables` is the body; the answer is the row as stored.
 */
export function useSave<Row>(collection: string, sid: string | null, onSaved: (row: Row) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: object) => (sid ? api.put<Row>(`routing/${collection}/${sid}`, body) : api.post<Row>(`routing/${collection}`, body)),
    onSuccess: async (row) => {
      await client.invalidateQueries({ queryKey: ROUTING });
      onSaved(row);
    },
  });
}

/** Delete a row of `routing/<collection>`; a refusal is told in a notification. */
export function useRemove(collection: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (sid: string) => api.delete(`routing/${collection}/${sid}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ROUTING }),
    onError: (error) => notifications.show({ color: "clay", title: "Not deleted", message: error.message }),
  });
}

/** Where a refused expression or configuration is wrong; null for any other error. */
export function placeOf(error: unknown): { path: string; line: number | null; column: number | null } | null {
  if (!(error instanceof ApiError) || !error.details || typeof error.details !== "object") return null;
  const { path, line, column } = error.details as { path?: unknown; line?: unknown; column?: unknown };
  if (typeof path !== "string") return null;
  return { path, line: typeof line === "number" ? line : null, column: typeof column === "number" ? column : null };
}

/** False for supervisors: they read the same screens without the controls that change anything. */
export const CanEdit = createContext(false);

export function useCanEdit(): boolean {
  return use(CanEdit);
}
