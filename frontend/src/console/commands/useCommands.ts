/** Who can do what right now: parts of the screen say which commands they carry out, keys and the palette call them. */
import { createContext, use, useEffect, useLayoutEffect, useRef } from "react";

import { commandOf, type CommandId, type Keymap } from "../core/commands";

type Handler = { run: () => void; enabled: boolean };

export class Commands {
  private readonly handlers = new Map<CommandId, Set<{ current: Handler }>>();

  add(id: CommandId, handler: { current: Handler }): () => void {
    const all = this.handlers.get(id) ?? new Set();
    this.handlers.set(id, all.add(handler));
    return () => void all.delete(handler);
  }

  /** Whether somebody on the screen carries the command out now. */
  can(id: CommandId): boolean {
    return this.newest(id) !== undefined;
  }

  run(id: CommandId): boolean {
    const handler = this.newest(id);
    handler?.run();
    return handler !== undefined;
  }

  private newest(id: CommandId): Handler | undefined {
    return [...(this.handlers.get(id) ?? [])].map(({ current }) => current).findLast(({ enabled }) => enabled);
  }
}

export const CommandsContext = createContext<Commands>(new Commands());

/** Carry out a command as long as this component is on the screen and `enabled`; the newest that can, does. */
export function useCommand(id: CommandId, run: () => void, enabled = true): void {
  const commands = use(CommandsContext);
  const handler = useRef<Handler>({ run, enabled });
  // Before it is drawn: what can be seen takes keys.
  useLayoutEffect(() => {
    handler.current = { run, enabled };
  });
  useLayoutEffect(() => commands.add(id, handler), [commands, id]);
}

/** Let keys pressed anywhere on the page carry out commands; a dialog keeps its keys to itself. */
export function useCommandKeys(commands: Commands, keymap: Keymap): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (event.defaultPrevented || target?.closest("[role=dialog]")) return;
      const typing = Boolean(target?.closest("input, textarea, select, [contenteditable], emoji-picker"));
      const command = commandOf(event, typing, keymap);
      if (!command || !commands.can(command)) return;
      event.preventDefault();
      if (!event.repeat) commands.run(command);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [commands, keymap]);
}
