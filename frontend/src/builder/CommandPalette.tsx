import { Kbd } from "@mantine/core";
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useMemo } from "react";

import { COMMANDS, keyText, type CommandContext } from "./commands";
import { useBuilder } from "./context";
import { keysOf } from "./core/model";
import { WidgetTile } from "./look";
import { paletteStore } from "./palette-store";

/** Every command of the builder, every widget of the flow and every type to add, by name (Ctrl K). */
export function CommandPalette({ context }: { context: CommandContext }) {
  const definition = useBuilder((state) => state.history.present);
  const catalogue = useBuilder((state) => state.catalogue);

  const groups = useMemo((): SpotlightActionGroupData[] => {
    const { actions } = context;
    const commands = COMMANDS.filter((command) => !command.native && command.id !== "commands").map(
      (command): SpotlightActionData => ({
        id: command.id,
        label: command.label,
        rightSection: command.keys[0] ? (
          <span className="palette-keys">
            {keyText(command.keys[0]).map((part) => (
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
  }, [context, definition, catalogue]);

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
      nothingFound="Nothing is called so"
      searchProps={{ placeholder: "A command, a widget of this flow, or one to add", leftSection: <IconSearch size={17} />, "aria-label": "Search commands and widgets" }}
    />
  );
}
