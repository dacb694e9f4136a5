/** The one table of the builder's keys: handlers, the shortcut sheet and the command palette are made from it. */
import type { Keymap } from "../keys/KeysDialog";
import type { BuilderActions } from "./actions";
import { isNoteKey } from "./core/notes";
import { palette } from "./palette-store";
import { goToPart } from "./parts";
import { saveDraft } from "./saving";
import type { BuilderStore } from "./store";
import type { UiStore } from "./ui";

export type CommandContext = { actions: BuilderActions; store: BuilderStore; ui: UiStore };

export type Command = {
  id: string;
  label: string;
  section: "Flow" | "Edit" | "Select" | "View";
  /** Mantine's notation; several keys for one command. `mod` is Ctrl, on a Mac Cmd. */
  keys: string[];
  /** Works while the cursor is in a text field, too. */
  everywhere?: boolean;
  /** Only shown in the sheet: the browser's own copy and paste events do the work. */
  native?: boolean;
  run: (context: CommandContext) => void;
};

const open = (change: Parameters<ReturnType<UiStore["getState"]>["set"]>[0]) => ({ ui }: CommandContext) => ui.getState().set(change);

function centreOfCanvas(): { x: number; y: number } {
  const box = document.querySelector(".canvas")?.getBoundingClientRect();
  return box ? { x: box.x + box.width / 2 - 130, y: box.y + box.height / 3 } : { x: 200, y: 200 };
}

export const COMMANDS: Command[] = [
  { id: "save", label: "Save draft", section: "Flow", keys: ["mod+S"], everywhere: true, run: ({ store }) => void saveDraft(store) },
  { id: "publish", label: "Publish…", section: "Flow", keys: ["mod+Enter"], everywhere: true, run: open({ dialog: "publish" }) },
  { id: "revisions", label: "History of this flow", section: "Flow", keys: ["alt+H"], run: open({ dialog: "revisions" }) },
  { id: "settings", label: "Flow settings", section: "Flow", keys: [], run: open({ dialog: "settings" }) },
  { id: "json", label: "Definition as JSON", section: "Flow", keys: [], run: open({ dialog: "json" }) },

  {
    id: "add",
    label: "Add a widget (after the selected one)",
    section: "Edit",
    keys: ["Tab", "A"],
    run: ({ actions }) => actions.openPicker({ screen: centreOfCanvas(), at: null, wire: actions.wireOfSelection() }),
  },
  { id: "undo", label: "Undo", section: "Edit", keys: ["mod+Z"], run: ({ actions }) => actions.undo() },
  { id: "redo", label: "Redo", section: "Edit", keys: ["mod+shift+Z", "mod+Y"], run: ({ actions }) => actions.redo() },
  { id: "copy", label: "Copy as text", section: "Edit", keys: ["mod+C"], native: true, run: () => undefined },
  { id: "cut", label: "Cut", section: "Edit", keys: ["mod+X"], native: true, run: () => undefined },
  { id: "paste", label: "Paste widgets or a whole definition", section: "Edit", keys: ["mod+V"], native: true, run: () => undefined },
  { id: "paste-linked", label: "Paste with the links that led there", section: "Edit", keys: ["mod+shift+V"], native: true, run: () => undefined },
  { id: "duplicate", label: "Duplicate", section: "Edit", keys: ["mod+D"], run: ({ actions }) => actions.duplicate() },
  { id: "delete", label: "Delete", section: "Edit", keys: ["Delete", "Backspace"], run: ({ actions }) => actions.removeSelection(false) },
  { id: "bridge", label: "Delete and reconnect", section: "Edit", keys: ["mod+Delete", "mod+Backspace"], run: ({ actions }) => actions.removeSelection(true) },
  { id: "tidy", label: "Tidy up (all, or the selection)", section: "Edit", keys: ["shift+T"], run: ({ actions }) => actions.tidy() },
  { id: "rename", label: "Rename the widget", section: "Edit", keys: ["F2"], run: ({ store, ui }) => focusField({ store, ui }, "name") },
  {
    id: "replace",
    label: "Replace the widget, keeping its links",
    section: "Edit",
    keys: ["R"],
    run: ({ actions, store }) => {
      const [key] = store.getState().selection;
      if (key && !isNoteKey(key) && key !== store.getState().history.present.initial_state) {
        actions.openPicker({ screen: centreOfCanvas(), at: null, wire: { kind: "replace", key } });
      }
    },
  },
  { id: "edit", label: "Edit the widget's settings", section: "Edit", keys: ["Enter"], run: ({ store, ui }) => focusField({ store, ui }, "*") },
  { id: "note", label: "Add a note (a frame around the selection)", section: "Edit", keys: ["N"], run: ({ actions }) => actions.writeNote() },
  { id: "subflow", label: "Move the selection to a subflow", section: "Edit", keys: [], run: open({ dialog: "subflow" }) },
  { id: "nudge-up", label: "Nudge up", section: "Edit", keys: ["alt+ArrowUp"], run: ({ actions }) => actions.nudge(0, -10) },
  { id: "nudge-down", label: "Nudge down", section: "Edit", keys: ["alt+ArrowDown"], run: ({ actions }) => actions.nudge(0, 10) },
  { id: "nudge-left", label: "Nudge left", section: "Edit", keys: ["alt+ArrowLeft"], run: ({ actions }) => actions.nudge(-10, 0) },
  { id: "nudge-right", label: "Nudge right", section: "Edit", keys: ["alt+ArrowRight"], run: ({ actions }) => actions.nudge(10, 0) },
  { id: "push-up", label: "Nudge far up", section: "Edit", keys: ["alt+shift+ArrowUp"], run: ({ actions }) => actions.nudge(0, -50) },
  { id: "push-down", label: "Nudge far down", section: "Edit", keys: ["alt+shift+ArrowDown"], run: ({ actions }) => actions.nudge(0, 50) },
  { id: "push-left", label: "Nudge far left", section: "Edit", keys: ["alt+shift+ArrowLeft"], run: ({ actions }) => actions.nudge(-50, 0) },
  { id: "push-right", label: "Nudge far right", section: "Edit", keys: ["alt+shift+ArrowRight"], run: ({ actions }) => actions.nudge(50, 0) },
  { id: "align-left", label: "Align left edges", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("left") },
  { id: "align-center", label: "Align centres", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("center") },
  { id: "align-top", label: "Align top edges", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("top") },
  { id: "spread-across", label: "Distribute across", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("across") },
  { id: "spread-down", label: "Distribute down", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("down") },

  { id: "all", label: "Select all", section: "Select", keys: ["mod+A"], run: ({ actions }) => actions.selectAll() },
  { id: "none", label: "Select nothing", section: "Select", keys: ["Escape"], run: ({ store }) => store.getState().select([]) },
  { id: "downstream", label: "Select everything after it", section: "Select", keys: ["shift+ArrowDown"], run: ({ actions }) => actions.selectReach("down") },
  { id: "upstream", label: "Select everything before it", section: "Select", keys: ["shift+ArrowUp"], run: ({ actions }) => actions.selectReach("up") },
  { id: "connected", label: "Select everything connected", section: "Select", keys: ["shift+ArrowRight", "shift+ArrowLeft"], run: ({ actions }) => actions.selectReach("both") },
  { id: "walk-down", label: "Go to the next widget", section: "Select", keys: ["ArrowDown"], run: ({ actions }) => actions.walk("down") },
  { id: "walk-up", label: "Go to the widget before", section: "Select", keys: ["ArrowUp"], run: ({ actions }) => actions.walk("up") },
  { id: "walk-left", label: "Go to the widget at the left", section: "Select", keys: ["ArrowLeft"], run: ({ actions }) => actions.walk("left") },
  { id: "walk-right", label: "Go to the widget at the right", section: "Select", keys: ["ArrowRight"], run: ({ actions }) => actions.walk("right") },

  { id: "commands", label: "All commands and widgets", section: "View", keys: ["mod+K"], everywhere: true, run: () => palette.open() },
  { id: "find", label: "Find in this flow", section: "View", keys: ["mod+F"], everywhere: true, run: open({ findOpen: true }) },
  { id: "fit", label: "Show the whole flow", section: "View", keys: ["1"], run: ({ actions }) => actions.fitAll() },
  { id: "fit-selection", label: "Show the selection", section: "View", keys: ["2"], run: ({ actions }) => actions.fitSelection() },
  { id: "zoom-reset", label: "Zoom to 100 %", section: "View", keys: ["0"], run: ({ actions }) => actions.zoom(null) },
  { id: "zoom-in", label: "Zoom in", section: "View", keys: ["+", "="], run: ({ actions }) => actions.zoom(1) },
  { id: "zoom-out", label: "Zoom out", section: "View", keys: ["-"], run: ({ actions }) => actions.zoom(-1) },
  { id: "palette", label: "Widgets panel", section: "View", keys: ["P"], run: ({ ui }) => toggleLeft(ui, "add") },
  { id: "outline", label: "Outline panel", section: "View", keys: ["O"], run: ({ ui }) => toggleLeft(ui, "outline") },
  { id: "problems", label: "Problems panel", section: "View", keys: ["E"], run: ({ ui }) => ui.getState().set({ problemsOpen: !ui.getState().problemsOpen }) },
  { id: "simulator", label: "Simulator", section: "View", keys: ["T"], run: ({ ui }) => toggleSimulator(ui) },
  {
    id: "simulate-here",
    label: "Simulate from the selected widget",
    section: "View",
    keys: ["shift+R"],
    run: ({ actions, store }) => {
      const [key, ...others] = store.getState().selection;
      if (key !== undefined && others.length === 0 && !isNoteKey(key)) actions.simulateFrom(key);
    },
  },
  { id: "traffic", label: "Counts on the connections", section: "View", keys: ["C"], run: ({ ui }) => ui.getState().set({ trafficOpen: !ui.getState().trafficOpen, traffic: null }) },
  { id: "next-part", label: "Go to the next part of the screen", section: "View", keys: ["F6"], everywhere: true, run: () => goToPart(1) },
  { id: "part-before", label: "Go to the part before", section: "View", keys: ["shift+F6"], everywhere: true, run: () => goToPart(-1) },
  { id: "shortcuts", label: "Keyboard shortcuts", section: "View", keys: ["?", "shift+?"], run: open({ dialog: "shortcuts" }) },
  { id: "keys", label: "Change the keys", section: "View", keys: [], run: open({ dialog: "keys" }) },
];

/** The keys a command has for this user. */
export function keysFor(command: Command, keymap: Keymap): readonly string[] {
  const own = keymap[command.id];
  if (own === undefined) return command.keys;
  return own === null ? [] : [own];
}

/** Keys that a browser or a field keeps for itself. */
const RESERVED = new Set(["mod+W", "mod+T", "mod+N", "mod+R", "alt+F4", "Tab", "Escape"]);

/** Why a command cannot have these keys, in words, or null. */
export function conflictOf(id: string, keys: string, keymap: Keymap): string | null {
  const command = COMMANDS.find((candidate) => candidate.id === id);
  const isOwn = command?.keys.includes(keys) ?? false;
  if (RESERVED.has(keys) && !isOwn) return "The browser keeps these keys for itself.";
  if (command?.everywhere && !/^(mod|alt)\+|^(shift\+)?F\d+$/.test(keys)) return "This works while you write, too: use Alt, Ctrl or Cmd with a key, or a function key.";
  const other = COMMANDS.find((candidate) => candidate.id !== id && keysFor(candidate, keymap).some((has) => has.toLowerCase() === keys.toLowerCase()));
  return other ? `“${other.label}” has these keys. Give it others first.` : null;
}

/** The keymap a user has stored, without what this builder does not know. */
export function readKeymap(stored: unknown): Keymap {
  if (typeof stored !== "object" || stored === null) return {};
  const known = new Set(COMMANDS.filter((command) => !command.native).map(({ id }) => id));
  return Object.fromEntries(Object.entries(stored).filter(([id, keys]) => known.has(id) && (keys === null || typeof keys === "string")));
}

function focusField({ store, ui }: Pick<CommandContext, "store" | "ui">, field: string): void {
  const [key, ...others] = store.getState().selection;
  if (key !== undefined && others.length === 0) ui.getState().set({ focusField: { key, field, at: Date.now() } });
}

function toggleLeft(ui: UiStore, panel: "add" | "outline"): void {
  const { left, set } = ui.getState();
  set({ left: left === panel ? null : panel });
}

/** Closing takes what it has painted off the canvas. */
export function toggleSimulator(ui: UiStore): void {
  const { simulatorOpen, set } = ui.getState();
  set({ simulatorOpen: !simulatorOpen, trace: null, simulate: null });
}

const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.userAgent);

/** `mod+shift+Z` → `Ctrl Shift Z`, or the Mac's signs. */
export function keyText(keys: string): string[] {
  const names: Record<string, string> = {
    mod: isMac ? "⌘" : "Ctrl", shift: isMac ? "⇧" : "Shift", alt: isMac ? "⌥" : "Alt",
    ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Delete: "Del", Escape: "Esc",
  };
  return keys.split(/\+(?=.)/).map((part) => names[part] ?? part);
}

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey"> & { code?: string };

/** The key of a press; with Alt by its place, since some systems make other characters of it. */
function keyOf(event: Pressed): string {
  const place = event.altKey ? /^(?:Key|Digit)(.)$/.exec(event.code ?? "") : null;
  return place?.[1] ?? event.key;
}

/** A press as the table writes it; null for a modifier alone. */
export function pressedKeys(event: Pressed): string | null {
  const key = keyOf(event);
  if (["Control", "Alt", "Meta", "Shift", "AltGraph", "Dead", " "].includes(key)) return null;
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  const held = [event.ctrlKey || event.metaKey ? "mod+" : "", event.altKey ? "alt+" : "", event.shiftKey && !isSign ? "shift+" : ""];
  return held.join("") + (key.length === 1 ? key.toUpperCase() : key);
}

/** Whether a key event is this combination. */
export function isPressed(keys: string, event: Pressed): boolean {
  const parts = keys.split(/\+(?=.)/);
  const key = parts.at(-1) as string;
  const wants = (name: string) => parts.slice(0, -1).includes(name);
  if (wants("mod") !== (event.ctrlKey || event.metaKey)) return false;
  if (wants("alt") !== event.altKey) return false;
  // Signs such as `?` and `+` already say whether Shift is held.
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  if (!isSign && wants("shift") !== event.shiftKey) return false;
  return keyOf(event).toLowerCase() === key.toLowerCase();
}
