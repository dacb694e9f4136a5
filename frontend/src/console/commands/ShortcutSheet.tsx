import "../../keys/keys.css";

import { Button, Kbd, Modal } from "@mantine/core";

import { chordOf, COMMANDS, type CommandGroup, type Keymap } from "../core/commands";
import { Chord } from "./Chord";

const GROUPS: readonly CommandGroup[] = ["Offers", "Tasks", "Conversation", "Work", "Console"];

/** Every key of the console. */
export function ShortcutSheet({ opened, keymap, onClose, onChange }: { opened: boolean; keymap: Keymap; onClose: () => void; onChange: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title="Keyboard shortcuts" closeButtonProps={{ "aria-label": "Close" }}>
      <div className="sheet">
        {GROUPS.map((group) => (
          <table key={group} className="keys">
            <caption>{group}</caption>
            <tbody>
              {COMMANDS.filter((command) => command.group === group).map((command) => {
                const chord = chordOf(command, keymap);
                return chord === null ? null : (
                  <tr key={command.id}>
                    <th scope="row">{command.label}</th>
                    <td>
                      <Chord chord={chord} />
                    </td>
                  </tr>
                );
              })}
              {group === "Conversation" && (
                <>
                  <tr>
                    <th scope="row">Send</th>
                    <td>
                      <Kbd>Enter</Kbd>
                    </td>
                  </tr>
                  <tr>
                    <th scope="row">Start a line</th>
                    <td>
                      <Kbd>Shift</Kbd> + <Kbd>Enter</Kbd>
                    </td>
                  </tr>
                </>
              )}
            </tbody>
          </table>
        ))}
      </div>
      <div className="buttons">
        <Button variant="default" onClick={onChange}>
          Change the keys
        </Button>
      </div>
    </Modal>
  );
}
