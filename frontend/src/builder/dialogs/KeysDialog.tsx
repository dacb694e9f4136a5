import { notifications } from "@mantine/notifications";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { api } from "../../api/client";
import type { StoredPreferences } from "../../api/console-types";
import { KeysDialog as Dialog, type Keymap } from "../../keys/KeysDialog";
import { COMMANDS, conflictOf, keyText, pressedKeys, keysFor, readKeymap } from "../commands";
import { useUi, useUiStore } from "../ui";

const PREFERENCES = ["preferences"];

function read(keys: readonly string[]): string | null {
  return keys.length > 0 ? keys.map((each) => keyText(each).join(" ")).join(", ") : null;
}

/** Other keys for the builder's commands. They are kept with the user, as those of the console are. */
export function KeysDialog() {
  const ui = useUiStore();
  const open = useUi((state) => state.dialog === "keys");
  const keymap = useUi((state) => state.keymap);
  const queries = useQueryClient();
  const stored = useQuery({ queryKey: PREFERENCES, queryFn: () => api.get<StoredPreferences>("console/preferences"), staleTime: 60_000, retry: false });
  useEffect(() => {
    if (stored.data) ui.getState().set({ keymap: readKeymap(stored.data.builder_keymap) });
  }, [stored.data, ui]);

  const save = (next: Keymap) => {
    const before = keymap;
    ui.getState().set({ keymap: next });
    api.put<StoredPreferences>("console/preferences", { builder_keymap: next }).then(
      (all) => queries.setQueryData(PREFERENCES, all),
      (error: unknown) => {
        ui.getState().set({ keymap: before });
        notifications.show({ color: "clay", title: "The keys are not saved", message: error instanceof Error ? error.message : "Try again." });
      },
    );
  };
  return (
    <Dialog
      opened={open}
      rows={COMMANDS.filter((command) => !command.native).map((command) => ({ id: command.id, label: command.label, group: command.section, now: read(keysFor(command, keymap)), first: read(command.keys) }))}
      keymap={keymap}
      heard={pressedKeys}
      conflict={(id, keys) => {
        const first = COMMANDS.find((command) => command.id === id)?.keys ?? [];
        const problems = (keys === undefined ? first : [keys]).map((each) => conflictOf(id, each, keymap));
        return problems.find((problem) => problem !== null) ?? null;
      }}
      onSave={save}
      onClose={() => ui.getState().set({ dialog: null })}
    />
  );
}
