import { useEffect, useRef } from "react";

import { commandOf, type Command } from "./core/shortcuts";

/** Call `onCommand` for every shortcut pressed anywhere on the page; a dialog keeps its keys to itself. */
export function useShortcuts(onCommand: (command: Command) => void): void {
  const current = useRef(onCommand);
  useEffect(() => {
    current.current = onCommand;
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("[role=dialog]")) return;
      const command = commandOf(event, target?.closest("input, textarea, select, [contenteditable]") !== null && target !== null);
      if (!command) return;
      event.preventDefault();
      if (!event.repeat) current.current(command);
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
}
