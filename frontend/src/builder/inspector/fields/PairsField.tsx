import { ActionIcon, Button, Checkbox, Input, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";

import type { Json, JsonObject } from "../../../api/types";
import { textOf } from "../../core/model";
import type { Variable } from "../../core/variables";
import { CodeField } from "./CodeField";

type Props = {
  label: string;
  description?: ReactNode;
  error?: ReactNode;
  value: Json | undefined;
  onChange: (value: Json[]) => void;
  variables: readonly Variable[];
  /** Set Variables: a value may be read as JSON. */
  typed?: boolean;
};

function isEntry(value: Json): value is JsonObject {
  return !!value && typeof value === "object" && !Array.isArray(value);
}

function parsesJson(entry: JsonObject): boolean {
  return entry.parse_as_json === true || (typeof entry.type === "string" && entry.type !== "string");
}

/** Names and values, in order. Whatever else an entry carries stays with it. */
export function PairsField({ label, description, error, value, onChange, variables, typed = false }: Props) {
  const entries = (Array.isArray(value) ? value : []).filter(isEntry);
  const noun = typed ? "variable" : "entry";
  const put = (index: number, change: JsonObject) =>
    onChange(entries.map((entry, position) => (position === index ? { ...entry, ...change } : entry)));

  return (
    <Input.Wrapper label={label} description={description} error={error} labelElement="div" className="field" role="group" aria-label={label}>
      <div className="pairs">
        {entries.map((entry, index) => (
          <div key={index} className="pairs__row">
            <TextInput
              size="xs"
              placeholder="Name"
              aria-label={`${label}: name ${index + 1}`}
              value={textOf(entry.key)}
              onChange={(event) => put(index, { key: event.currentTarget.value })}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              aria-label={`Remove ${noun} ${textOf(entry.key) || index + 1}`}
              onClick={() => onChange(entries.filter((_, position) => position !== index))}
            >
              <IconTrash size={15} />
            </ActionIcon>
            <div className="pairs__value">
              <CodeField
                label={null}
                name={`${label}: value ${index + 1}`}
                language="liquid"
                multiline
                placeholder="Value"
                value={textOf(entry.value)}
                onChange={(text) => put(index, { value: text })}
                variables={variables}
              />
              {typed && (
                <Checkbox
                  size="xs"
                  mt={6}
                  label="Read the value as JSON"
                  checked={parsesJson(entry)}
                  onChange={(event) => {
                    const { type: _type, parse_as_json: _flag, ...rest } = entry;
                    const next = event.currentTarget.checked ? { ...rest, parse_as_json: true } : rest;
                    onChange(entries.map((old, position) => (position === index ? next : old)));
                  }}
                />
              )}
            </div>
          </div>
        ))}
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPlus size={13} />}
          onClick={() => onChange([...entries, { key: "", value: "" }])}
        >
          Add {noun}
        </Button>
      </div>
    </Input.Wrapper>
  );
}
