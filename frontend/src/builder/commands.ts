/** The one table of the builder's keys: handlers, the shortcut sheet and the command palette are made from it. */
import type { BuilderActions } from "./actions";
import { palette } from "./palette-store";
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
      if (key && key !== store.getState().history.present.initial_state) {
        actions.openPicker({ screen: centreOfCanvas(), at: null, wire: { kind: "replace", key } });
      }
    },
  },
  { id: "edit", label: "Edit the widget's settings", section: "Edit", keys: ["Enter"], run: ({ store, ui }) => focusField({ store, ui }, "*") },
  { id: "nudge-up", label: "Nudge up", section: "Edit", keys: ["alt+ArrowUp"], run: ({ actions }) => actions.nudge(0, -10) },
  { id: "nudge-down", label: "Nudge down", section: "Edit", keys: ["alt+ArrowDown"], run: ({ actions }) => actions.nudge(0, 10) },
  { id: "nudge-left", label: "Nudge left", section: "Edit", keys: ["alt+ArrowLeft"], run: ({ actions }) => actions.nudge(-10, 0) },
  { id: "nudge-right", label: "Nudge right", section: "Edit", keys: ["alt+ArrowRight"], run: ({ actions }) => actions.nudge(10, 0) },
  { id: "align-left", label: "Align left edges", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("left") },
  { id: "align-center", label: "Align centres", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("center") },
  { id: "align-top", label: "Align top edges", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("top") },
  { id: "spread-across", label: "Distribute across", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("across") },
  { id: "spread-down", label: "Distribute down", section: "Edit", keys: [], run: ({ actions }) => actions.alignSelection("down") },

  { id: "all", label: "Select all", section: "Select", keys: ["mod+A"], run: ({ actions }) => actions.selectAll() },
  { id: "none", label: "Select nothing", section: "Select", keys: ["Escape"], run: ({ store }) => store.getState().select([]) },
  { id: "downstream", label: "Select everything after it", section: "Select", keys: ["shift+ArrowDown"], run: ({ actions }) => actions.selectReach("down") },
  { id: "upstream", label: "Select everything before it", section: "Select", keys: ["shift+ArrowUp"], run: ({ actions }) => actions.selectReach("up") },
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
  { id: "shortcuts", label: "Keyboard shortcuts", section: "View", keys: ["?", "shift+?"], run: open({ dialog: "shortcuts" }) },
];

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
  set({ simulatorOpen: !simulatorOpen, trace: null });
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

/** Whether a key event is this combination. */
export function isPressed(keys: string, event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "shiftKey" | "altKey">): boolean {
  const parts = keys.split(/\+(?=.)/);
  const key = parts.at(-1) as string;
  const wants = (name: string) => parts.slice(0, -1).includes(name);
  if (wants("mod") !== (event.ctrlKey || event.metaKey)) return false;
  if (wants("alt") !== event.altKey) return false;
  // Signs such as `?` and `+` already say whether Shift is held.
  const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  if (!isSign && wants("shift") !== event.shiftKey) return false;
  return event.key.toLowerCase() === key.toLowerCase();
}
