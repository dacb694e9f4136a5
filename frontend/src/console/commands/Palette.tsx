import { Modal, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { use, useState } from "react";

import { chordOf, COMMANDS, type Keymap } from "../core/commands";
import { Chord } from "./Chord";
import { CommandsContext } from "./useCommands";

/** Something else that can be found: a task, an activity, an app. */
export type Entry = { id: string; label: string; group: string; run: () => void };

type Props = { opened: boolean; keymap: Keymap; entries: readonly Entry[]; onClose: () => void };

/** A palette that fades out still takes what is typed next, which is meant for the command that was chosen. */
const NOW = { duration: 0 };

/** Find any command, task or activity by a few letters. */
export function Palette({ opened, keymap, entries, onClose }: Props) {
  return (
    <Modal.Root opened={opened} onClose={onClose} padding={0} size={560} transitionProps={NOW}>
      <Modal.Overlay />
      <Modal.Content aria-label="Find a command">
        <Modal.Body>{opened && <Finder keymap={keymap} entries={entries} onClose={onClose} />}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Finder({ keymap, entries, onClose }: Omit<Props, "opened">) {
  const commands = use(CommandsContext);
  const [words, setWords] = useState("");
  const [chosen, setChosen] = useState(0);
  const all: (Entry & { chord: string | null })[] = [
    ...COMMANDS.filter(({ id }) => id !== "palette" && commands.can(id)).map((command) => ({
      id: command.id, label: command.label, group: command.group, chord: chordOf(command, keymap), run: () => void commands.run(command.id),
    })),
    ...entries.map((entry) => ({ ...entry, chord: null })),
  ];
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ label, group }) => wanted.every((word) => `${group} ${label}`.toLowerCase().includes(word)));
  const active = Math.min(chosen, Math.max(found.length - 1, 0));
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    // The dialog gives the focus back first; what the command focuses comes after.
    setTimeout(entry.run, 0);
  };
  return (
    <div className="palette">
      <TextInput
        data-autofocus
        variant="unstyled"
        size="md"
        className="palette__field"
        role="combobox"
        aria-label="Find a command"
        aria-expanded
        aria-controls="palette-list"
        aria-activedescendant={found[active] ? `palette-${active}` : undefined}
        placeholder="What do you want to do?"
        leftSection={<IconSearch size={18} stroke={1.7} aria-hidden />}
        value={words}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (by && found.length) {
            event.preventDefault();
            const next = (active + by + found.length) % found.length;
            setChosen(next);
            document.getElementById(`palette-${next}`)?.scrollIntoView({ block: "nearest" });
          }
          if (event.key === "Enter") {
            event.preventDefault();
            run(found[active]);
          }
        }}
      />
      <ul className="palette__list" id="palette-list" role="listbox" aria-label="Commands">
        {found.map((entry, at) => (
          // Chosen by keys in the field, which has the focus; a click is the other way.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <li
            key={`${entry.group} ${entry.id}`}
            id={`palette-${at}`}
            role="option"
            aria-selected={at === active}
            tabIndex={-1}
            className={`palette__one ${at === active ? "palette__one--chosen" : ""}`}
            onMouseMove={() => setChosen(at)}
            onClick={() => run(entry)}
          >
            <small>{entry.group}</small>
            <span className="clip">{entry.label}</span>
            {entry.chord && (
              <span className="palette__key" aria-hidden>
                <Chord chord={entry.chord} />
              </span>
            )}
          </li>
        ))}
      </ul>
      {!found.length && <p className="palette__none">Nothing is called that.</p>}
    </div>
  );
}
