import { ActionIcon, Button, Group, TextInput, Tooltip } from "@mantine/core";
import { IconPencil, IconSearch } from "@tabler/icons-react";
import { useState } from "react";

import type { State } from "../../api/types";
import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { renameVariable } from "../core/edits";
import { usagesOf } from "../core/references";
import { namesSet } from "../core/variables";
import { useUiStore } from "../ui";

/** Where the variables that a widget sets are read, and a new name for one everywhere at once. */
export function VariableUses({ state }: { state: State }) {
  const definition = useBuilder((builder) => builder.history.present);
  const names = [...new Set(namesSet(state.properties))].filter((name) => /^[\w-]+$/.test(name));
  if (names.length === 0) return null;
  return (
    <section aria-label="Uses of the variables">
      <h2 className="eyebrow">Read in</h2>
      <ul className="uses">
        {names.map((name) => (
          <Row key={name} name={name} uses={usagesOf(definition, { kind: "variable", name }).length} />
        ))}
      </ul>
    </section>
  );
}

function Row({ name, uses }: { name: string; uses: number }) {
  const actions = useBuilderActions();
  const ui = useUiStore();
  const [draft, setDraft] = useState<string | null>(null);
  const valid = draft !== null && /^[A-Za-z_][\w-]*$/.test(draft) && draft !== name;

  if (draft !== null) {
    return (
      <li>
        <form
          style={{ gridColumn: "1 / -1" }}
          onSubmit={(event) => {
            event.preventDefault();
            if (!valid) return;
            actions.edit((before) => renameVariable(before, name, draft), `Rename the variable ${name} to ${draft}`);
            actions.say(`Renamed ${name} to ${draft} everywhere`);
            setDraft(null);
          }}
        >
          <Group gap={6} wrap="nowrap">
            <TextInput size="xs" style={{ flex: 1 }} autoFocus aria-label={`New name of ${name}`} value={draft} error={draft === "" || draft === name || valid ? undefined : "Letters, digits, _ and -"} onChange={(event) => setDraft(event.currentTarget.value)} />
            <Button type="submit" size="xs" disabled={!valid}>
              Rename
            </Button>
            <Button size="xs" variant="default" onClick={() => setDraft(null)}>
              Cancel
            </Button>
          </Group>
        </form>
      </li>
    );
  }
  return (
    <li>
      <span>
        <code>{name}</code> {uses === 0 ? "nowhere" : `${uses} ${uses === 1 ? "text" : "texts"}`}
      </span>
      <Tooltip label="Find the uses">
        <ActionIcon size="sm" variant="subtle" color="gray" disabled={uses === 0} aria-label={`Find the uses of ${name}`} onClick={() => ui.getState().set({ findOpen: true, findQuery: `flow.variables.${name}` })}>
          <IconSearch size={14} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label="Rename everywhere">
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Rename ${name} everywhere`} onClick={() => setDraft(name)}>
          <IconPencil size={14} />
        </ActionIcon>
      </Tooltip>
    </li>
  );
}
