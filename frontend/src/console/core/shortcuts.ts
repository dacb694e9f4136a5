/** One table drives the keys and the sheet that explains them. */

export type Command =
  | "accept" | "reject" | "next" | "previous" | "next unread" | "message" | "wrap up" | "complete" | "customer" | "activity" | "help";

export type Shortcut = { command: Command; label: string; /** `KeyboardEvent.code`: on some systems Alt changes the character. */ code: string; key: string };

export const SHORTCUTS: readonly Shortcut[] = [
  { command: "accept", label: "Accept the offer", code: "KeyA", key: "A" },
  { command: "reject", label: "Reject the offer", code: "KeyR", key: "R" },
  { command: "next", label: "Next task", code: "KeyJ", key: "J" },
  { command: "previous", label: "Previous task", code: "KeyK", key: "K" },
  { command: "next unread", label: "Next task with unread messages", code: "KeyU", key: "U" },
  { command: "message", label: "Write a message", code: "KeyM", key: "M" },
  { command: "wrap up", label: "Wrap up the task", code: "KeyW", key: "W" },
  { command: "complete", label: "Complete the task", code: "KeyE", key: "E" },
  { command: "customer", label: "Show or hide the customer", code: "KeyI", key: "I" },
  { command: "activity", label: "Choose an activity", code: "KeyY", key: "Y" },
];

type Pressed = Pick<KeyboardEvent, "altKey" | "ctrlKey" | "metaKey" | "shiftKey" | "code" | "key">;

/** The command of a key press, or null. `typing`: the focus is in a field, where `?` is a character. */
export function commandOf(event: Pressed, typing: boolean): Command | null {
  if (event.ctrlKey || event.metaKey) return null;
  if (event.altKey) {
    return event.shiftKey ? null : (SHORTCUTS.find((shortcut) => shortcut.code === event.code)?.command ?? null);
  }
  return event.key === "?" && !typing ? "help" : null;
}
