/**
 * Every command of the console in one table: the keys, the palette and the sheet are made from it.
 *
 * A chord is written `Mod+Alt+Shift+KeyA`, with those of its modifiers that it has (`Mod`: Ctrl, or Cmd on a Mac) and
 * `KeyboardEvent.code`, because on some systems Alt changes the character. `?` stands for itself.
 */

export type CommandGroup = "Offers" | "Tasks" | "Conversation" | "Work" | "Console";

export type CommandSpec = { id: string; label: string; group: CommandGroup; chord: string | null };

const table = [
  { id: "accept", label: "Accept the offer", group: "Offers", chord: "Alt+KeyA" },
  { id: "reject", label: "Reject the offer", group: "Offers", chord: "Alt+KeyR" },
  { id: "next", label: "Next task", group: "Tasks", chord: "Alt+KeyJ" },
  { id: "previous", label: "Previous task", group: "Tasks", chord: "Alt+KeyK" },
  { id: "next unread", label: "Next task with unread messages", group: "Tasks", chord: "Alt+KeyU" },
  { id: "message", label: "Write a message", group: "Conversation", chord: "Alt+KeyM" },
  { id: "note", label: "Write a note, or a message again", group: "Conversation", chord: "Alt+KeyN" },
  { id: "canned", label: "Insert a canned reply", group: "Conversation", chord: "Alt+Slash" },
  { id: "template", label: "Send a template", group: "Conversation", chord: "Alt+KeyP" },
  { id: "emoji", label: "Insert an emoji", group: "Conversation", chord: "Alt+Period" },
  { id: "attach", label: "Attach files", group: "Conversation", chord: "Alt+KeyG" },
  { id: "search", label: "Search the conversation", group: "Conversation", chord: "Alt+KeyS" },
  { id: "wrap up", label: "End and wrap up", group: "Work", chord: "Alt+KeyW" },
  { id: "transfer", label: "Transfer the conversation", group: "Work", chord: "Alt+KeyT" },
  { id: "park", label: "Park the conversation", group: "Work", chord: "Alt+KeyZ" },
  { id: "hand back", label: "Hand back to a flow", group: "Work", chord: "Alt+KeyB" },
  { id: "start", label: "Start a conversation", group: "Work", chord: "Alt+KeyO" },
  { id: "complete", label: "Complete the task", group: "Work", chord: "Alt+KeyE" },
  { id: "customer", label: "Show or hide the customer", group: "Work", chord: "Alt+KeyI" },
  { id: "filter", label: "Search the task list", group: "Tasks", chord: "Alt+KeyL" },
  { id: "activity", label: "Choose an activity", group: "Console", chord: "Alt+KeyY" },
  { id: "palette", label: "Find a command", group: "Console", chord: "Mod+KeyK" },
  { id: "alerts", label: "Sounds and notifications", group: "Console", chord: null },
  { id: "keys", label: "Change the keys", group: "Console", chord: null },
  { id: "figures", label: "My figures", group: "Console", chord: null },
  { id: "replies", label: "My canned replies", group: "Console", chord: null },
  { id: "help", label: "Show the keys", group: "Console", chord: "?" },
] as const satisfies readonly CommandSpec[];

export type CommandId = (typeof table)[number]["id"];
export type Command = CommandSpec & { id: CommandId };

export const COMMANDS: readonly Command[] = table;

/** What the user changed: another chord, or null for none. Whatever is not named has its own. */
export type Keymap = Partial<Record<CommandId, string | null>>;

export function chordOf(command: Command, keymap: Keymap): string | null {
  const own = keymap[command.id];
  return own === undefined ? command.chord : own;
}

type Pressed = Pick<KeyboardEvent, "altKey" | "ctrlKey" | "metaKey" | "shiftKey" | "code" | "key">;

/** The chord of a key press; null for a modifier alone, or what AltGr types. */
export function pressedChord(event: Pressed): string | null {
  if (["Alt", "Control", "Meta", "Shift", "AltGraph", "Dead"].includes(event.key) && !/^(Key|Digit)/.test(event.code)) return null;
  const mod = event.ctrlKey || event.metaKey;
  if (event.key === "?" && !mod && !event.altKey) return "?";
  if (!event.code) return null;
  return `${mod ? "Mod+" : ""}${event.altKey ? "Alt+" : ""}${event.shiftKey ? "Shift+" : ""}${event.code}`;
}

/** The command of a key press, or null. `typing`: the focus is in a field, where a key without Alt or Mod is a character. */
export function commandOf(event: Pressed, typing: boolean, keymap: Keymap = {}): CommandId | null {
  const chord = pressedChord(event);
  if (chord === null) return null;
  if (typing && !/^(Mod|Alt)\+/.test(chord) && !/F\d+$/.test(chord)) return null;
  return COMMANDS.find((command) => chordOf(command, keymap) === chord)?.id ?? null;
}

const NAMES: Record<string, string> = {
  Slash: "/", Backslash: "\\", Comma: ",", Period: ".", Semicolon: ";", Quote: "'", BracketLeft: "[", BracketRight: "]",
  Minus: "-", Equal: "=", Backquote: "`", ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Space: "Space",
};

/** The keys of a chord as they stand on the keyboard: `["Alt", "A"]`. */
export function keysOf(chord: string, isMac = false): string[] {
  return chord.split(/\+(?=.)/).map((part) => {
    if (part === "Mod") return isMac ? "⌘" : "Ctrl";
    if (part === "Alt" && isMac) return "⌥";
    return NAMES[part] ?? part.replace(/^(Key|Digit)/, "");
  });
}

/** Keys that a browser or a field keeps for itself, so that a command on them would never be heard, or be heard while typing. */
const RESERVED = new Set(["Mod+KeyW", "Mod+KeyT", "Mod+KeyN", "Mod+KeyC", "Mod+KeyV", "Mod+KeyX", "Mod+KeyA", "Mod+KeyZ", "Mod+KeyR", "Alt+F4", "Alt+Tab"]);

/** Why a command cannot have a chord, in words, or null. */
export function conflictOf(id: CommandId, chord: string, keymap: Keymap): string | null {
  if (RESERVED.has(chord)) return "The browser keeps these keys for itself.";
  if (chord !== "?" && !/^(Mod|Alt)\+/.test(chord) && !/^F\d+$/.test(chord)) return "Use Alt, Ctrl or Cmd with a key, or a function key.";
  const other = COMMANDS.find((command) => command.id !== id && chordOf(command, keymap) === chord);
  return other ? `“${other.label}” has these keys. Give it others first.` : null;
}

/** The keymap that a user has stored, without what this console does not know. */
export function readKeymap(stored: unknown): Keymap {
  if (typeof stored !== "object" || stored === null) return {};
  const known = new Set<string>(COMMANDS.map(({ id }) => id));
  return Object.fromEntries(
    Object.entries(stored).filter(([id, chord]) => known.has(id) && (chord === null || typeof chord === "string")),
  ) as Keymap;
}
