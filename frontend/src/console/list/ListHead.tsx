import { ActionIcon, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBell, IconBolt, IconChartBar, IconDots, IconKeyboard, IconSearch } from "@tabler/icons-react";
import { use } from "react";

import { Chord } from "../commands/Chord";
import { CommandsContext, useCommand } from "../commands/useCommands";
import { chordOf, COMMANDS, type CommandId, type Keymap } from "../core/commands";
import type { Model } from "../core/model";
import { useClient } from "../useConsole";
import { ActivityPicker } from "./ActivityPicker";

const ITEMS: readonly (readonly [id: CommandId, icon: typeof IconBell])[] = [
  ["palette", IconSearch], ["figures", IconChartBar], ["alerts", IconBell], ["replies", IconBolt], ["help", IconKeyboard],
];

/** Above the list: the agent's activity, and the console's settings. */
export function ListHead({ model, keymap }: { model: Model; keymap: Keymap }) {
  const commands = use(CommandsContext);
  const setActivity = useSetActivity();
  useCommand("activity", () => document.querySelector<HTMLElement>("[data-activity-picker]")?.click());
  return (
    <header className="desk__head">
      {model.worker && (
        <ActivityPicker worker={model.worker} activities={model.activities} clockSkew={model.clockSkew} onChange={setActivity} />
      )}
      <Menu position="bottom-end" width={270}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={36} aria-label="Console settings">
            <IconDots size={19} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {ITEMS.map(([id, Sign]) => {
            const command = COMMANDS.find((each) => each.id === id);
            const chord = command && chordOf(command, keymap);
            return (
              <Menu.Item key={id} leftSection={<Sign size={16} />} rightSection={chord && <Chord chord={chord} />} onClick={() => setTimeout(() => commands.run(id), 0)}>
                {command?.label}
              </Menu.Item>
            );
          })}
        </Menu.Dropdown>
      </Menu>
    </header>
  );
}

/** Change the agent's activity; what goes wrong is told on the page. */
export function useSetActivity(): (sid: string) => Promise<void> {
  const client = useClient();
  return async (sid) => {
    try {
      await client.setActivity(sid);
    } catch (error) {
      const message = error instanceof Error ? error.message : "Try again.";
      notifications.show({ position: "top-right", title: "Your activity was not changed", message, color: "clay" });
    }
  };
}
