/**
 * Everything a person can do in the builder, once: buttons, keys, menus and the command palette all call
 * these. Each action that changes the flow is one step of the history.
 */
import type { CatalogueWidget, Definition, State } from "../api/types";
import { copyText, cornerOf, pasted, withoutSecrets, type Incoming } from "./core/clipboard";
import * as edits from "./core/edits";
import { frameAround, noteRect, notesFollow } from "./core/frames";
import { aligned, arrange, freeSpot, rectsOf, toCanvas, toOffset, type Edge, type Rect } from "./core/layout";
import { exitsOf, keysOf, linksOf, offsetOf, SCALE, stateOf, type Link, type Point } from "./core/model";
import { addNote, changeNote, countInWords, isNoteKey, moveNotes, NOTE_SIZE, noteKey, noteOf, notesOf, noteTitle, pasteNotes, removeNotes, type Note } from "./core/notes";
import { sizeOf } from "./core/sizes";
import { neighbour, type Direction } from "./core/walk";
import type { BuilderStore } from "./store";
import type { Picker, UiStore } from "./ui";
import { createView } from "./view";

/** A card's usual height, to leave room for one that is not there yet. */
const USUAL_HEIGHT = 150;
const BELOW = 84;

export function createActions({ store, ui }: { store: BuilderStore; ui: UiStore }) {
  /** Where the pointer is over the canvas, in window pixels: what is pasted lands there. */
  let pointer: Point | null = null;
  const state = () => store.getState();
  const definition = () => state().history.present;
  const catalogue = () => state().catalogue;
  const say = (announcement: string) => ui.getState().set({ announcement });
  const rects = () => rectsOf(definition(), catalogue());
  const allRects = () => [...rects(), ...notesOf(definition()).map(noteRect)];
  function rectOf(key: string): Rect | null {
    const note = noteOf(definition(), key);
    if (note) return noteRect(note);
    const found = stateOf(definition(), key);
    return found && { id: key, ...toCanvas(offsetOf(found) ?? { x: 0, y: 0 }), ...sizeOf(found, catalogue()) };
  }
  const linkOf = (id: string): Link | null => linksOf(definition()).find((link) => link.id === id) ?? null;

  const view = createView({ rects, rectOf, start: () => definition().initial_state, isInspected: () => state().selection.length > 0 && !state().readOnly });

  function jumpTo(key: string, field?: string): void {
    state().select([key]);
    view.reveal([key]);
    if (field) ui.getState().set({ focusField: { key, field, at: Date.now() } });
    say(describe(key));
  }

  /** Of one thing its name, of several how many they are. */
  function nameOf(keys: readonly string[]): string {
    const [only, ...others] = keys;
    if (only === undefined || others.length > 0) return countInWords(keys);
    return isNoteKey(only) ? "a note" : only;
  }

  function describe(key: string): string {
    const note = noteOf(definition(), key);
    if (note) return `Note: ${noteTitle(note)}`;
    const found = stateOf(definition(), key);
    if (!found) return "";
    const exits = exitsOf(found, catalogue());
    const connected = exits.filter((exit) => exit.next).length;
    return `${found.name}, ${catalogue().get(found.type)?.title ?? found.type}, ${connected} of ${exits.length} exits connected`;
  }

  /** Where a picked widget goes, and what it is wired to when nothing was said: the one selected widget's first open exit. */
  function wireOfSelection(): Picker["wire"] {
    const [only, ...others] = state().selection;
    const found = only !== undefined && others.length === 0 ? stateOf(definition(), only) : null;
    const exit = found && exitsOf(found, catalogue()).find((candidate) => !candidate.next && !/^(fail|failed|timeout|deliveryFailure)$/i.test(candidate.event));
    return found && exit ? { kind: "exit", source: only as string, exit: exit.id } : null;
  }

  function addWidget(widget: CatalogueWidget, { at, wire }: { at: Point | null; wire: Picker["wire"] }): void {
    if (wire?.kind === "replace") {
      state().edit((before) => edits.replaceType(before, wire.key, widget), { label: `Replace ${wire.key}` });
      say(`${wire.key} is now ${widget.title}`);
      return;
    }
    const probe = edits.newState(widget, "new", { x: 0, y: 0 });
    const size = sizeOf(probe, catalogue());
    const link = wire?.kind === "link" ? linkOf(wire.id) : null;
    const spot = spotFor({ at, wire, link, size });
    let key = "";
    state().edit(
      (before) => {
        const placed = edits.addWidget(before, widget, toOffset(spot));
        key = placed.keys[0] as string;
        if (wire?.kind === "exit") return edits.connect(placed.definition, { ...wire, target: key });
        return link ? edits.insertOnLink(placed.definition, link, key, catalogue()) : placed.definition;
      },
      { label: `Add ${widget.title}` },
    );
    state().select([key]);
    window.requestAnimationFrame(() => view.reveal([key]));
    say(`Added ${widget.title} ${key}`);
  }

  function spotFor({ at, wire, link, size }: { at: Point | null; wire: Picker["wire"]; link: Link | null; size: { width: number; height: number } }): Point {
    if (at) return { x: at.x - size.width / 2, y: at.y - 8 };
    const source = wire?.kind === "exit" ? rectOf(wire.source) : null;
    if (source && wire?.kind === "exit") {
      const exits = exitsOf(stateOf(definition(), wire.source) as State, catalogue());
      const port = (exits.findIndex((exit) => exit.id === wire.exit) + 0.5) / Math.max(1, exits.length);
      const near = { x: source.x + source.width * port - size.width / 2, y: source.y + source.height + BELOW };
      return freeSpot(definition(), catalogue(), near, size);
    }
    const [from, to] = link ? [rectOf(link.source), rectOf(link.target)] : [null, null];
    if (from && to) {
      const near = { x: (from.x + to.x + (from.width + to.width) / 2 - size.width) / 2, y: (from.y + from.height + to.y - size.height) / 2 };
      return freeSpot(definition(), catalogue(), near, size);
    }
    const centre = view.middle();
    return freeSpot(definition(), catalogue(), { x: centre.x - size.width / 2, y: centre.y - USUAL_HEIGHT / 2 }, size);
  }

  function openPicker(picker: Picker): void {
    ui.getState().set({ picker });
  }

  function removeSelection(reconnect: boolean): void {
    const { selection, selectedLink } = state();
    if (selectedLink) {
      cutLink(selectedLink);
      return;
    }
    const keys = selection.filter((key) => key !== definition().initial_state);
    if (selection.length > 0 && keys.length === 0) {
      say("The trigger cannot be deleted: every flow starts there.");
      return;
    }
    if (keys.length === 0) return;
    const what = nameOf(keys);
    state().edit((before) => edits.removeWidgets(removeNotes(before, keys), keys, { reconnect, catalogue: catalogue() }), {
      label: `Delete ${what}`,
      select: [],
    });
    say(`Deleted ${what}`);
  }

  function cutLink(id: string): void {
    const link = linkOf(id);
    if (!link) return;
    state().edit((before) => edits.connect(before, { source: link.source, exit: link.exit, target: null }), {
      label: `Disconnect ${link.source} from ${link.target}`,
    });
    say(`Disconnected ${link.source} from ${link.target}`);
  }

  function connect(source: string, exit: string, target: string | null): void {
    state().edit((before) => edits.connect(before, { source, exit, target }), {
      label: target ? `Connect ${source} to ${target}` : `Open an exit of ${source}`,
    });
    say(target ? `Connected ${source} to ${target}` : `The exit of ${source} is open`);
  }

  /** What was copied here last: pasted here again, it has its secrets, which the clipboard has not. */
  let copiedHere: { text: string; whole: string } | null = null;

  /** Text for the clipboard, or null when nothing is selected. */
  function copied(): string | null {
    const { selection } = state();
    if (selection.length === 0) return null;
    say(`Copied ${nameOf(selection)}`);
    copiedHere = { text: copyText(withoutSecrets(definition()), selection), whole: copyText(definition(), selection) };
    return copiedHere.text;
  }

  /**
   * Paste text; answers false when it holds no widgets. The trigger of a pasted flow is left out. With `linked`, what led
   * to the copied widgets leads to the pasted ones.
   */
  function paste(text: string, linked = false): boolean {
    const found = pasted(text === copiedHere?.text ? copiedHere.whole : text);
    const states = found?.states.filter((candidate) => candidate.type !== "trigger") ?? [];
    const notes = found?.notes ?? [];
    if (states.length + notes.length === 0) return false;
    const corner = toCanvas(cornerOf(states, notes));
    const reach = [...states.map((one) => ({ ...toCanvas(offsetOf(one) ?? { x: 0, y: 0 }), ...sizeOf(one, catalogue()) })), ...notes.map(noteRect)];
    const size = {
      width: Math.max(...reach.map((rect) => rect.x + rect.width)) - corner.x,
      height: Math.max(...reach.map((rect) => rect.y + rect.height)) - corner.y,
    };
    const at = pointer && view.toFlow(pointer);
    const centre = view.middle();
    const wanted = at
      ? { x: at.x - 40, y: at.y - 24 }
      : freeSpot(definition(), catalogue(), { x: centre.x - size.width / 2, y: centre.y - size.height / 2 }, size);
    const shift = toOffset({ x: wanted.x - corner.x, y: wanted.y - corner.y });
    insert(states, notes, shift, "Paste", linked ? (found?.incoming ?? []) : []);
    return true;
  }

  function insert(states: readonly State[], notes: readonly Note[], shift: Point, label: string, incoming: readonly Incoming[] = []): void {
    let keys: string[] = [];
    const what = nameOf([...states.map(({ name }) => name), ...notes.map(({ id }) => noteKey(id))]);
    state().edit(
      (before) => {
        const placed = edits.pasteStates(before, states, shift);
        const copies = new Map(states.map((one, index) => [one.name, placed.keys[index] as string]));
        const noted = pasteNotes(edits.leadToCopies(placed.definition, incoming, copies), notes, shift);
        keys = [...placed.keys, ...noted.keys];
        return noted.definition;
      },
      { label: `${label} ${what}` },
    );
    state().select(keys);
    say(`${label}: ${keys.map((key) => (isNoteKey(key) ? "a note" : key)).join(", ")}`);
  }

  function duplicate(): void {
    const keys = state().selection.filter((key) => key !== definition().initial_state);
    const states = keys.map((key) => stateOf(definition(), key)).filter((found) => found !== null);
    const notes = keys.map((key) => noteOf(definition(), key)).filter((found) => found !== null);
    if (states.length + notes.length > 0) insert(states, notes, { x: 40, y: 40 }, "Duplicate");
  }

  /** A note in the middle of what is seen; around the selected widgets, where there are some. */
  function writeNote(): void {
    const frame = frameAround(definition(), catalogue(), state().selection.filter((key) => stateOf(definition(), key)));
    const centre = view.middle();
    const size = { width: NOTE_SIZE.width * SCALE, height: NOTE_SIZE.height * SCALE };
    const spot = freeSpot(definition(), catalogue(), { x: centre.x - size.width / 2, y: centre.y - size.height / 2 }, size);
    const free = { text: "", ...NOTE_SIZE, ...toOffset(spot), color: "amber" as const };
    let key = "";
    state().edit(
      (before) => {
        const placed = addNote(before, frame ?? free);
        key = placed.key;
        return placed.definition;
      },
      { label: frame ? "Frame the selection" : "Add a note" },
    );
    state().select([key]);
    ui.getState().set({ focusField: { key, field: "note", at: Date.now() } });
    say(frame ? "Added a frame around the selection" : "Added a note");
  }

  function resizeNote(key: string, box: { x: number; y: number; width: number; height: number }): void {
    const size = toOffset({ x: box.width, y: box.height });
    state().edit((before) => changeNote(before, key, { ...toOffset(box), width: size.x, height: size.y }), { label: "Resize a note" });
  }

  function tidy(): void {
    const { selection } = state();
    const widgets = selection.filter((key) => !isNoteKey(key));
    const part = widgets.length > 1 ? widgets : undefined;
    const before = definition();
    state().edit((drawn) => notesFollow(drawn, arrange(drawn, catalogue(), part), catalogue()), { label: part ? "Tidy up the selection" : "Tidy up" });
    if (!part) window.requestAnimationFrame(view.fitAll);
    ui.getState().set({ tidied: definition() === before ? null : definition() });
    say("Widgets are laid out. Undo brings their old places back.");
  }

  function alignSelection(edge: Edge): void {
    const { selection } = state();
    const chosen = allRects().filter((rect) => selection.includes(rect.id));
    const offsets = new Map([...aligned(chosen, edge)].map(([key, spot]) => [key, toOffset(spot)]));
    if (offsets.size > 0) state().edit((before) => moveNotes(edits.moveWidgets(before, offsets), offsets), { label: "Align" });
  }

  function move(offsets: ReadonlyMap<string, Point>): void {
    state().edit((before) => moveNotes(edits.moveWidgets(before, offsets), offsets), { label: `Move ${nameOf([...offsets.keys()])}` });
  }

  /** Move the selection by Studio units. */
  function nudge(x: number, y: number): void {
    const chosen = new Set(state().selection);
    if (chosen.size === 0) return;
    const offsets = new Map(
      allRects().filter((rect) => chosen.has(rect.id)).map((rect) => {
        const offset = toOffset(rect);
        return [rect.id, { x: offset.x + x, y: offset.y + y }];
      }),
    );
    state().edit((before) => moveNotes(edits.moveWidgets(before, offsets), offsets), { label: "Nudge", group: "nudge" });
  }

  /** The next widget in a direction: along the links down and up, else the nearest on that side. */
  function walk(direction: Direction): void {
    const from = state().selection.at(-1);
    if (from === undefined) {
      jumpTo(definition().initial_state);
      return;
    }
    const next = neighbour(definition(), catalogue(), from, direction);
    if (next) jumpTo(next);
    else say("No widget in this direction");
  }

  return {
    attachCanvas: (instance: Parameters<typeof view.attach>[0]) => {
      view.attach(instance);
      void view.showStart().then(() => {
        // A past execution opens at the step that is looked at.
        const current = ui.getState().trace?.current;
        if (current) view.reveal([current]);
      });
    },
    pointAt: (screen: Point | null) => {
      pointer = screen;
    },
    addWidget,
    wireOfSelection,
    openPicker,
    pickForExit: (source: string, exit: string, screen: Point) => openPicker({ screen, at: null, wire: { kind: "exit", source, exit } }),
    pickForLink: (id: string, screen: Point) => openPicker({ screen, at: null, wire: { kind: "link", id } }),
    removeSelection,
    cutLink,
    connect,
    copied,
    paste,
    duplicate,
    writeNote,
    resizeNote,
    changeNote: (key: string, change: Partial<Omit<Note, "id">>) =>
      state().edit((before) => changeNote(before, key, change), { label: "Change a note", group: `note ${key} ${Object.keys(change).join()}` }),
    simulateFrom: (widget: string) => ui.getState().set({ simulatorOpen: true, simulate: { kind: "start-at", widget } }),
    tidy,
    alignSelection,
    move,
    nudge,
    walk,
    jumpTo,
    reveal: view.reveal,
    describe,
    selectAll: () => state().select([...keysOf(definition()), ...notesOf(definition()).map((note) => noteKey(note.id))]),
    selectReach: (way: "up" | "down" | "both") => state().select(edits.reachOf(definition(), state().selection, way)),
    undo: () => {
      const last = state().history.past.at(-1);
      state().undo();
      say(last ? `Undone: ${last.label}` : "Nothing to undo");
    },
    redo: () => {
      const [next] = state().history.future;
      state().redo();
      say(next ? `Done again: ${next.label}` : "Nothing to do again");
    },
    edit: (change: (before: Definition) => Definition, label: string, group?: string) => state().edit(change, { label, group }),
    renameWidget: (key: string, name: string) =>
      state().edit((before) => edits.renameWidget(before, key, name), { label: `Rename ${key} to ${name}`, select: [name] }),
    fitAll: view.fitAll,
    fitSelection: () => view.fit(state().selection),
    zoom: view.zoom,
    say,
  };
}

export type BuilderActions = ReturnType<typeof createActions>;
