import { KeysDialog as Dialog } from "../../keys/KeysDialog";
import { chordOf, COMMANDS, conflictOf, pressedChord, type CommandId, type Keymap } from "../core/commands";
import { chordText } from "./Chord";

type Props = { opened: boolean; keymap: Keymap; onSave: (keymap: Keymap) => void; onClose: () => void };

/** The console's commands and their keys. */
export function KeysDialog({ opened, keymap, onSave, onClose }: Props) {
  const read = (chord: string | null) => (chord ? chordText(chord) : null);
  return (
    <Dialog
      opened={opened}
      rows={COMMANDS.map((command) => ({ id: command.id, label: command.label, group: command.group, now: read(chordOf(command, keymap)), first: read(command.chord) }))}
      keymap={keymap}
      heard={pressedChord}
      conflict={(id, chord = COMMANDS.find((command) => command.id === id)?.chord ?? undefined) => (chord ? conflictOf(id as CommandId, chord, keymap) : null)}
      onSave={(next) => onSave(next as Keymap)}
      onClose={onClose}
    />
  );
}
