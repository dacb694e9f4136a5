import { useState, type ReactNode } from "react";

import type { Json } from "../../../api/types";
import { CodeField } from "./CodeField";

type Props = {
  label: string;
  description?: ReactNode;
  error?: ReactNode;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
};

const written = (value: Json | undefined) => (value === undefined ? "" : JSON.stringify(value, null, 2));

/** Any JSON value as text. What cannot be read yet stays in the field and out of the flow. */
export function RawField({ label, description, error, value, onChange }: Props) {
  const [draft, setDraft] = useState<{ text: string; of: Json | undefined } | null>(null);
  const text = draft && draft.of === value ? draft.text : written(value);
  const [problem, setProblem] = useState<string | null>(null);

  function change(next: string) {
    try {
      const parsed = next.trim() ? (JSON.parse(next) as Json) : undefined;
      setProblem(null);
      if (JSON.stringify(parsed) === JSON.stringify(value)) setDraft({ text: next, of: value });
      else {
        setDraft({ text: next, of: parsed });
        onChange(parsed);
      }
    } catch (failure) {
      setProblem(`Not valid JSON: ${failure instanceof Error ? failure.message : "it cannot be read"}`);
      setDraft({ text: next, of: value });
    }
  }

  return <CodeField label={label} description={description} error={problem ?? error} language="json" multiline value={text} onChange={change} />;
}
