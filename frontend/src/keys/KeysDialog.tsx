import "./keys.css";

import { ActionIcon, Button, Modal, Text, Tooltip } from "@mantine/core";
import { IconEraser, IconRestore } from "@tabler/icons-react";
import { useState } from "react";

/** What a user changed: other keys for a command, or null for none. Whatever is not named has its own. */
export type Keymap = Readonly<Partial<Record<string, string | null>>>;

export type KeyRow = {
  id: string;
  label: string;
  group: string;
  /** The keys it has now, and those it had at first, as people read them; null for none. */
  now: string | null;
  first: string | null;
};

type Props = {
  opened: boolean;
  rows: readonly KeyRow[];
  keymap: Keymap;
  /** The keys of a key press, as a keymap writes them; null for a modifier alone. */
  heard: (event: KeyboardEvent) => string | null;
  /** Why a command cannot have these keys, in words, or null. Without keys: why it cannot have its first ones again. */
  conflict: (id: string, keys?: string) => string | null;
  onSave: (keymap: Keymap) => void;
  onClose: () => void;
};

/** Give commands other keys: press Change, then the keys. Kept with the user, so that they hold on every computer. */
export function KeysDialog({ opened, rows, keymap, heard, conflict, onSave, onClose }: Props) {
  const [listening, setListening] = useState<string | null>(null);
  const [problem, setProblem] = useState<{ id: string; text: string } | null>(null);

  const set = (id: string, keys: string | null | undefined) => {
    const { [id]: _before, ...others } = keymap;
    onSave(keys === undefined ? others : { ...others, [id]: keys });
    setListening(null);
    setProblem(null);
  };
  const hear = (event: React.KeyboardEvent, id: string) => {
    if (event.key === "Tab") return setListening(null);
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "Escape") return setListening(null);
    const keys = heard(event.nativeEvent);
    if (!keys || /^(Control|Alt|Meta|Shift)/.test(event.key)) return;
    const text = conflict(id, keys);
    if (text) setProblem({ id, text });
    else set(id, keys);
  };
  const groups = [...new Set(rows.map(({ group }) => group))];

  return (
    <Modal
      opened={opened}
      onClose={onClose}
      size="lg"
      title="Change the keys"
      closeOnEscape={listening === null}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {groups.map((group) => (
        <table key={group} className="keys">
          <caption>{group}</caption>
          <tbody>
            {rows
              .filter((row) => row.group === group)
              .map((row) => (
                <tr key={row.id}>
                  <th scope="row">
                    {row.label}
                    {problem?.id === row.id && (
                      <Text size="xs" c="var(--fd-danger)" role="alert">
                        {problem.text}
                      </Text>
                    )}
                  </th>
                  <td>
                    <Button
                      size="compact-sm"
                      variant={listening === row.id ? "filled" : "default"}
                      onClick={() => {
                        setProblem(null);
                        setListening(listening === row.id ? null : row.id);
                      }}
                      onBlur={() => setListening((before) => (before === row.id ? null : before))}
                      onKeyDown={(event) => {
                        if (listening === row.id) hear(event, row.id);
                      }}
                    >
                      <span className="visually-hidden">
                        {listening === row.id ? "" : "Change the keys for: "}
                        {row.label}{" "}
                      </span>
                      {listening === row.id ? "Press the keys…" : (row.now ?? "–")}
                    </Button>
                    <Tooltip label="No keys">
                      <ActionIcon variant="subtle" color="gray" aria-label={`No keys for: ${row.label}`} disabled={row.now === null} onClick={() => set(row.id, null)}>
                        <IconEraser size={16} stroke={1.6} />
                      </ActionIcon>
                    </Tooltip>
                    <Tooltip label={row.first ? `As it was: ${row.first}` : "As it was"}>
                      <ActionIcon
                        variant="subtle"
                        color="gray"
                        aria-label={`As it was: ${row.label}`}
                        disabled={!(row.id in keymap)}
                        onClick={() => {
                          const text = conflict(row.id);
                          if (text) setProblem({ id: row.id, text });
                          else set(row.id, undefined);
                        }}
                      >
                        <IconRestore size={16} stroke={1.6} />
                      </ActionIcon>
                    </Tooltip>
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      ))}
      <div className="keys__end">
        <Button variant="default" disabled={!Object.keys(keymap).length} onClick={() => onSave({})}>
          All as they were
        </Button>
        <Button onClick={onClose}>Done</Button>
      </div>
    </Modal>
  );
}
