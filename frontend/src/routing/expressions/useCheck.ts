import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { api } from "../../api/client";
import type { ExpressionCheck, ExpressionKind } from "../types";

const PAUSE_MS = 350;

/** Ask the server about an expression once typing pauses: its error, and what it matches now. */
export function useCheck(kind: ExpressionKind, expression: string, queueSid?: string | null) {
  const [asked] = useDebouncedValue(expression, PAUSE_MS);
  const query = useQuery({
    queryKey: ["routing-check", kind, asked, queueSid ?? null],
    queryFn: ({ signal }) =>
      api.post<ExpressionCheck>("routing/expressions/check", { expression: asked, kind, ...(queueSid ? { queue_sid: queueSid } : {}) }, { signal }),
    placeholderData: keepPreviousData,
    staleTime: 15_000,
  });
  return { check: query.data ?? null, isOld: asked !== expression || query.isPlaceholderData, failed: query.error };
}
