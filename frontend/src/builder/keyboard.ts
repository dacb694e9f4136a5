/** Keys and clipboard events of the builder. */
import { useEffect } from "react";

import { COMMANDS, isPressed, keysFor, type CommandContext } from "./commands";

function inField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, [contenteditable='true'], .cm-editor") !== null;
}

/** A dialog, menu or list is open and has the keys. */
function isBusy(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("[role='dialog'], [role='menu'], [role='listbox']") !== null;
}

/** Keys that mean something of their own on a focused button or link. */
const CONTROL_KEYS = new Set(["Enter", " ", "Tab"]);

function onControl(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  return CONTROL_KEYS.has(event.key) && target !== null && target.closest("button, a, [role='tab'], [role='button']") !== null;
}

export function useBuilderKeys(context: CommandContext): void {
  useEffect(() => {
    // A paste event does not say which keys brought it.
    let linked = false;
    const onKeyDown = (event: KeyboardEvent) => {
      linked = isPressed("mod+shift+V", event);
      if (event.defaultPrevented) return;
      const { keymap } = context.ui.getState();
      const command = COMMANDS.find((candidate) => !candidate.native && keysFor(candidate, keymap).some((keys) => isPressed(keys, event)));
      if (!command || isBusy(event.target)) return;
      if (!command.everywhere && (inField(event.target) || onControl(event))) return;
      // Tab adds a widget on the canvas only; elsewhere it moves on as everywhere.
      if (event.key === "Tab" && !(event.target instanceof Element && event.target.closest(".builder__canvas"))) return;
      event.preventDefault();
      command.run(context);
    };
    const onCopy = (event: ClipboardEvent) => {
      if (inField(event.target) || isBusy(event.target) || window.getSelection()?.toString()) return;
      const text = context.actions.copied();
      if (text === null) return;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
      if (event.type === "cut") context.actions.removeSelection(false);
    };
    const onPaste = (event: ClipboardEvent) => {
      if (inField(event.target) || isBusy(event.target)) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (!context.actions.paste(text, linked)) context.actions.say("The clipboard holds no widgets.");
      else event.preventDefault();
    };
    document.addEventListener("keydown", onKeyDown);
    document.addEventListener("copy", onCopy);
    document.addEventListener("cut", onCopy);
    document.addEventListener("paste", onPaste);
    return () => {
      document.removeEventListener("keydown", onKeyDown);
      document.removeEventListener("copy", onCopy);
      document.removeEventListener("cut", onCopy);
      document.removeEventListener("paste", onPaste);
    };
  }, [context]);
}
