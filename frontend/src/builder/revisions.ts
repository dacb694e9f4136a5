/** Reading the revisions of a flow. */
import { useQuery } from "@tanstack/react-query";

import { api } from "../api/client";
import type { Revision } from "../api/types";

/** One revision, read once: it never changes. Nothing is asked while its number is not known. */
export function useRevision(sid: string, number: number | null | undefined) {
  return useQuery({
    queryKey: ["flow", sid, "revision", number],
    queryFn: () => api.get<Revision>(`flows/${sid}/revisions/${number}`),
    enabled: typeof number === "number",
    staleTime: Number.POSITIVE_INFINITY,
  });
}
