import { Kbd, Modal } from "@mantine/core";

import { SHORTCUTS } from "./core/shortcuts";

/** Every key of the console. */
export function ShortcutSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts" closeButtonProps={{ "aria-label": "Close" }}>
      <table className="keys">
        <tbody>
          {SHORTCUTS.map(({ command, label, key }) => (
            <tr key={command}>
              <th scope="row">{label}</th>
              <td>
                <Kbd>Alt</Kbd> + <Kbd>{key}</Kbd>
              </td>
            </tr>
          ))}
          <tr>
            <th scope="row">Send, or start a line</th>
            <td>
              <Kbd>Enter</Kbd>, <Kbd>Shift</Kbd> + <Kbd>Enter</Kbd>
            </td>
          </tr>
          <tr>
            <th scope="row">This sheet</th>
            <td>
              <Kbd>?</Kbd>
            </td>
          </tr>
        </tbody>
      </table>
    </Modal>
  );
}
