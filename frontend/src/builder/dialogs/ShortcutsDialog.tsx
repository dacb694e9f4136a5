import { Button, Kbd, Modal } from "@mantine/core";

import { COMMANDS, keysFor, keyText, type Command } from "../commands";
import { useUi, useUiStore } from "../ui";

const SECTIONS: Command["section"][] = ["Edit", "Select", "View", "Flow"];
const MOUSE: [string, string][] = [
  ["Wheel or pinch", "zoom at the pointer"],
  ["Drag the background", "move the view"],
  ["Shift + drag", "select with a frame"],
  ["Shift or Ctrl + click", "add to the selection"],
  ["Drag from an exit", "connect; into empty space: add a widget there"],
  ["Drag the end of a line", "lead it elsewhere"],
  ["Click + on an exit", "add a widget after it"],
  ["Double- or right-click the background", "add a widget there"],
];

/** Every key and gesture of the builder. */
export function ShortcutsDialog() {
  const open = useUi((state) => state.dialog === "shortcuts");
  const keymap = useUi((state) => state.keymap);
  const ui = useUiStore();
  return (
    <Modal opened={open} onClose={() => ui.getState().set({ dialog: null })} title="Keyboard shortcuts" size={860}>
      <div className="shortcuts">
        {SECTIONS.map((section) => (
          <section key={section}>
            <h3 className="eyebrow">{section}</h3>
            <dl>
              {COMMANDS.filter((command) => command.section === section && keysFor(command, keymap).length > 0).map((command) => (
                <div key={command.id}>
                  <dt>{command.label}</dt>
                  <dd>
                    {keyText(keysFor(command, keymap)[0] as string).map((part) => (
                      <Kbd key={part} size="xs">
                        {part}
                      </Kbd>
                    ))}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3 className="eyebrow">Mouse and touch</h3>
          <dl>
            {MOUSE.map(([gesture, meaning]) => (
              <div key={gesture}>
                <dt>{gesture}</dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
      <div className="shortcuts__end">
        <Button variant="default" onClick={() => ui.getState().set({ dialog: "keys" })}>
          Change the keys
        </Button>
      </div>
    </Modal>
  );
}
