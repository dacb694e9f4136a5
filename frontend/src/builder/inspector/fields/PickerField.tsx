import { ActionIcon, Select, Tooltip } from "@mantine/core";
import { IconForms, IconListSearch } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";

import type { Variable } from "../../core/variables";
import { CodeField } from "./CodeField";

export type Choice = { value: string; label: string };

type Props = {
  label: string;
  description?: ReactNode;
  error?: ReactNode;
  required?: boolean;
  value: string;
  onChange: (value: string) => void;
  choices: readonly Choice[];
  variables: readonly Variable[];
  /** Whether a template may stand here instead of a choice. */
  template: boolean;
  nothing?: string;
};

/** A choice by name where the definition holds a SID or a word; a template can be written instead. */
export function PickerField({ label, description, error, required, value, onChange, choices, variables, template, nothing }: Props) {
  const isTemplate = /\{\{|\{%/.test(value);
  const [writing, setWriting] = useState(isTemplate);
  const known = choices.some((choice) => choice.value === value);
  const data = known || !value ? [...choices] : [...choices, { value, label: `${value} (not found here)` }];

  const toggle = template && (
    <Tooltip label={writing ? "Choose from the list" : "Write a value or template"}>
      <ActionIcon
        size="sm"
        variant="subtle"
        color="gray"
        aria-label={writing ? `${label}: choose from the list` : `${label}: write a value or template`}
        onClick={() => setWriting(!writing)}
      >
        {writing ? <IconListSearch size={15} /> : <IconForms size={15} />}
      </ActionIcon>
    </Tooltip>
  );

  return (
    <div className="with-toggle field">
      {writing && template ? (
        <CodeField label={label} description={description} error={error} required={required} language="liquid" value={value} onChange={onChange} variables={variables} />
      ) : (
        <Select
          label={label}
          description={description}
          error={error}
          required={required}
          data={data}
          value={value || null}
          onChange={(next) => onChange(next ?? "")}
          searchable
          clearable={!required}
          allowDeselect={false}
          nothingFoundMessage={nothing ?? "Nothing found"}
          comboboxProps={{ shadow: "md" }}
          size="sm"
        />
      )}
      {toggle}
    </div>
  );
}
