import { Kbd } from "@mantine/core";
import { Spotlight, useSpotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useMemo } from "react";

import { COMMANDS, keysFor, keyText, type CommandContext } from "./commands";
import { useBuilder } from "./context";
import { keysOf } from "./core/model";
import { WidgetTile } from "./look";
import { useUi } from "./ui";
import { paletteStore } from "./palette-store";

/** Every command of the builder, every widget of the flow and every type to add, by name (Ctrl K). */
export function CommandPalette({ context }: { context: CommandContext }) {
  const definition = useBuilder((state) => state.history.present);
  const catalogue = useBuilder((state) => state.catalogue);
  const keymap = useUi((state) => state.keymap);
  const { opened } = useSpotlight(paletteStore);

  const groups = useMemo((): SpotlightActionGroupData[] => {
    // Closed it needs none: every widget of the flow would be listed anew at each change.
    if (!opened) return [];
    const { actions } = context;
    const commands = COMMANDS.filter((command) => !command.native && command.id !== "commands").map(
      (command): SpotlightActionData => ({
        id: command.id,
        label: command.label,
        rightSection: keysFor(command, keymap)[0] ? (
          <span className="palette-keys">
            {keyText(keysFor(command, keymap)[0] as string).map((part) => (
              <Kbd key={part} size="xs">
                {part}
              </Kbd>
            ))}
          </span>
        ) : undefined,
        onClick: () => command.run(context),
      }),
    );
    const widgets = keysOf(definition).map((key, index): SpotlightActionData => {
      const type = definition.states[index]?.type ?? "";
      return {
        id: `go ${key}`,
        label: key,
        description: catalogue.get(type)?.title ?? type,
        leftSection: <WidgetTile type={type} size={26} />,
        onClick: () => actions.jumpTo(key),
      };
    });
    const types = [...catalogue.values()]
      .filter((widget) => widget.type !== "trigger")
      .map((widget): SpotlightActionData => ({
        id: `add ${widget.type}`,
        label: `Add ${widget.title}`,
        leftSection: <WidgetTile type={widget.type} size={26} />,
        onClick: () => actions.addWidget(widget, { at: null, wire: actions.wireOfSelection() }),
      }));
    return [
      { group: "Commands", actions: commands },
      { group: "Go to", actions: widgets },
      { group: "Add", actions: types },
    ];
  }, [context, definition, catalogue, keymap, opened]);

  return (
    <Spotlight
      store={paletteStore}
      actions={groups}
      shortcut={null}
      scrollable
      maxHeight={440}
      limit={40}
      overlayProps={{ backgroundOpacity: 0.35, blur: 0 }}
      radius="lg"
      attributes={{ content: { "aria-label": "Commands" } }}
      nothingFound="Nothing is called so"
      searchProps={{ placeholder: "A command, a widget of this flow, or one to add", leftSection: <IconSearch size={17} />, "aria-label": "Search commands and widgets" }}
    />
  );
}
