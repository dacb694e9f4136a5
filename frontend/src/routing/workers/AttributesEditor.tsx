import { ActionIcon, Button, SegmentedControl, Select, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import type { Json } from "../../api/types";
import { CodeField } from "../../builder/inspector/fields/CodeField";
import { attributesOf, emptyRow, KINDS, rowProblems, rowsOf, type AttributeKind, type AttributeRow } from "../core/attributes";
import { isObject } from "../core/workflow";

type Props = {
  rows: AttributeRow[];
  /** By row id. */
  problems: Record<number, string>;
  readOnly: boolean;
  onChange: (rows: AttributeRow[]) => void;
  onJsonWrong: (isWrong: boolean) => void;
};

/** Skills and whatever else queues ask for: a row for each, or the JSON object they are. */
export function AttributesEditor({ rows, problems, readOnly, onChange, onJsonWrong }: Props) {
  const [view, setView] = useState("rows");
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | undefined>();
  const put = (id: number, change: Partial<AttributeRow>) => onChange(rows.map((row) => (row.id === id ? { ...row, ...change } : row)));

  const show = (next: string) => {
    if (next === "json") {
      // Rows that have no value yet cannot be written as JSON; they stay rows until they are complete.
      if (Object.keys(rowProblems(rows)).length > 0) return;
      setText(JSON.stringify(attributesOf(rows), null, 2));
    } else if (wrong) return;
    setView(next);
  };
  const read = (typed: string) => {
    setText(typed);
    let problem: string | undefined;
    try {
      const value = JSON.parse(typed) as Json;
      if (isObject(value)) onChange(rowsOf(value));
      else problem = "Attributes are a JSON object.";
    } catch {
      problem = "This is not valid JSON.";
    }
    setWrong(problem);
    onJsonWrong(problem !== undefined);
  };

  return (
    <div role="group" aria-label="Attributes">
      <div className="attributes__head">
        <Text size="sm" fw={600}>
          Attributes
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="Show the attributes as"
          data={[
            { value: "rows", label: "Rows" },
            { value: "json", label: "JSON" },
          ]}
          value={view}
          onChange={show}
        />
      </div>
      {view === "json" ? (
        <CodeField label={null} name="Attributes as JSON" language="json" multiline readOnly={readOnly} error={wrong} value={text} onChange={read} />
      ) : (
        <>
          {rows.length === 0 && <p className="hint">None yet. Queues that ask for a skill do not find this worker.</p>}
          <ul className="attributes">
            {rows.map((row) => (
              <li key={row.id} className="attribute">
                <TextInput size="xs" aria-label="Attribute" placeholder="skills" readOnly={readOnly} error={problems[row.id]} value={row.key} onChange={(event) => put(row.id, { key: event.currentTarget.value })} />
                <Select size="xs" aria-label={`Kind of ${row.key || "the attribute"}`} allowDeselect={false} readOnly={readOnly} data={KINDS} value={row.kind} onChange={(kind) => kind && put(row.id, { kind: kind as AttributeKind })} />
                {!readOnly && (
                  <ActionIcon variant="subtle" color="gray" aria-label={`Remove attribute ${row.key}`} onClick={() => onChange(rows.filter((other) => other.id !== row.id))}>
                    <IconTrash size={15} />
                  </ActionIcon>
                )}
                <div className="attribute__value">
                  <Value row={row} readOnly={readOnly} put={(change) => put(row.id, change)} />
                </div>
              </li>
            ))}
          </ul>
          {!readOnly && (
            <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => onChange([...rows, emptyRow(rows)])}>
              Add attribute
            </Button>
          )}
        </>
      )}
    </div>
  );
}

function Value({ row, readOnly, put }: { row: AttributeRow; readOnly: boolean; put: (change: Partial<AttributeRow>) => void }) {
  const name = `Value of ${row.key || "the attribute"}`;
  if (row.kind === "switch") return <Switch size="sm" label={row.on ? "Yes" : "No"} aria-label={`${name}: ${row.on ? "Yes" : "No"}`} disabled={readOnly} checked={row.on} onChange={(event) => put({ on: event.currentTarget.checked })} />;
  if (row.kind === "list") return <TagsInput size="xs" aria-label={name} placeholder={row.list.length === 0 ? "Type a value, then Enter" : ""} readOnly={readOnly} acceptValueOnBlur value={row.list} onChange={(list) => put({ list })} />;
  return <TextInput size="xs" aria-label={name} readOnly={readOnly} inputMode={row.kind === "number" ? "decimal" : undefined} value={row.text} onChange={(event) => put({ text: event.currentTarget.value })} />;
}
