import { useDebouncedValue } from "@mantine/hooks";
import { IconAlertTriangle, IconEye } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { api } from "../../../api/client";
import type { Sample } from "../../../api/types";
import { timeAgo } from "../../../core/time";
import { jsonProblem } from "../schema";

type Answer = { text: string; errors: string[]; blank: string[] };
const REST_MS = 350;

/** What a text with templates will say, with the values of the last execution; and what keeps it from saying it. */
export function Preview({ text, sample, json = false }: { text: string; sample: Sample | null; json?: boolean }) {
  const [asked] = useDebouncedValue(text, REST_MS);
  const isTemplate = /\{\{|\{%/.test(asked);
  const query = useQuery({
    queryKey: ["preview", asked, sample?.execution_sid],
    queryFn: () => api.post<Answer>("flows/preview", { text: asked, context: sample?.context ?? {} }),
    enabled: isTemplate,
    placeholderData: (before) => before,
    staleTime: 30_000,
    retry: false,
  });
  if (!isTemplate || !query.data) return null;
  const { text: shown, errors, blank } = query.data;
  const wrong = json && errors.length === 0 ? jsonProblem(shown) : null;
  return (
    <div className="preview" role="group" aria-label="Preview">
      <p className="preview__head">
        <IconEye size={13} stroke={1.8} aria-hidden />
        {sample ? `With the values of ${sample.contact || "the last execution"}, ${timeAgo(sample.date_created, new Date())}` : "No execution yet: variables are empty"}
      </p>
      {shown.trim() && <p className="preview__text">{shown}</p>}
      {errors.map((error) => (
        <p key={error} className="preview__error" role="alert">
          <IconAlertTriangle size={13} aria-hidden /> {error}
        </p>
      ))}
      {wrong && (
        <p className="preview__error" role="alert">
          <IconAlertTriangle size={13} aria-hidden /> {wrong}
        </p>
      )}
      {sample && blank.length > 0 && <p className="preview__blank">Without a value then: {blank.join(", ")}</p>}
    </div>
  );
}
