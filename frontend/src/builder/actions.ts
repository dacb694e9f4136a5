/**
 * Everything a person can do in the builder, once: buttons, keys, menus and the command palette all call
 * these. Each action that changes the flow is one step of the history.
 */
import type { ReactFlowInstance } from "@xyflow/react";

import type { CatalogueWidget, Definition, State } from "../api/types";
import { copyText, cornerOf, pastedStates } from "./core/clipboard";
import * as edits from "./core/edits";
import { align, arrange, freeSpot, rectsOf, toCanvas, toOffset, type Edge, type Rect } from "./core/layout";
import { exitsOf, keysOf, linksOf, offsetOf, stateOf, type Link, type Point } from "./core/model";
import { sizeOf } from "./core/sizes";
import type { CardNode, LinkEdge } from "./canvas/graph";
import type { BuilderStore } from "./store";
import type { Picker, UiStore } from "./ui";

type Canvas = ReactFlowInstance<CardNode, LinkEdge>;

/** A card's usual height, to leave room for one that is not there yet. */
const USUAL_HEIGHT = 150;
const BELOW = 84;
/** Below this zoom a whole flow cannot be read; it opens at its beginning instead. */
const READABLE = 0.62;
const BEGIN_ZOOM = 0.85;

export type Direction = "up" | "down" | "left" | "right";

export function createActions({ store, ui }: { store: BuilderStore; ui: UiStore }) {
  /** Null until the canvas has been drawn. */
  let attached: Canvas | null = null;
  /** Where the pointer is over the canvas, in window pixels: what is pasted lands there. */
  let pointer: Point | null = null;
  const canvas = () => attached;
  const state = () => store.getState();
  const definition = () => state().history.present;
  const catalogue = () => state().catalogue;
  const say = (announcement: string) => ui.getState().set({ announcement });
  const rects = () => rectsOf(definition(), catalogue());
  const rectOf = (key: string): Rect | null => rects().find((rect) => rect.id === key) ?? null;
  const linkOf = (id: string): Link | null => linksOf(definition()).find((link) => link.id === id) ?? null;

  function middle(): Point {
    const pane = document.querySelector(".canvas")?.getBoundingClientRect();
    const instance = canvas();
    if (!pane || !instance) return { x: 0, y: 0 };
    return instance.screenToFlowPosition({ x: pane.x + pane.width / 2, y: pane.y + pane.height / 2 });
  }

  /** The view a flow opens with: all of it where that can be read, else its beginning. */
  function showStart(): void {
    const instance = canvas();
    const pane = document.querySelector(".canvas")?.getBoundingClientRect();
    const all = rects();
    const start = all.find((rect) => rect.id === definition().initial_state) ?? all[0];
    if (!instance || !pane || !start) return;
    const left = Math.min(...all.map((rect) => rect.x));
    const right = Math.max(...all.map((rect) => rect.x + rect.width));
    const top = Math.min(...all.map((rect) => rect.y));
    const bottom = Math.max(...all.map((rect) => rect.y + rect.height));
    const zoom = Math.min(1, (pane.width - 120) / (right - left), (pane.height - 120) / (bottom - top));
    if (zoom >= READABLE) {
      void instance.fitView({ padding: 0.12, maxZoom: 1 });
      return;
    }
    const width = start.x + start.width / 2;
    void instance.setViewport({ x: pane.width / 2 - width * BEGIN_ZOOM, y: 56 - start.y * BEGIN_ZOOM, zoom: BEGIN_ZOOM });
  }

  /** Bring widgets into view unless they are all in it already. */
  function reveal(keys: readonly string[], { always = false } = {}): void {
    const instance = canvas();
    const pane = document.querySelector(".canvas")?.getBoundingClientRect();
    const shown = rects().filter((rect) => keys.includes(rect.id));
    if (!instance || !pane || shown.length === 0) return;
    const { x, y, zoom } = instance.getViewport();
    const inside = shown.every((rect) => {
      const left = rect.x * zoom + x;
      const top = rect.y * zoom + y;
      return left > 8 && top > 8 && left + rect.width * zoom < pane.width - 8 && top + rect.height * zoom < pane.height - 8;
    });
    if (inside && !always) return;
    const target = Math.max(zoom, 0.7);
    const [first] = shown as [Rect];
    void instance.setCenter(first.x + first.width / 2, first.y + first.height / 2, { zoom: Math.min(1.2, target), duration: 260 });
  }

  function jumpTo(key: string, field?: string): void {
    state().select([key]);
    reveal([key]);
    if (field) ui.getState().set({ focusField: { key, field, at: Date.now() } });
    say(describe(key));
  }

  function describe(key: string): string {
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
    window.requestAnimationFrame(() => reveal([key]));
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
    const centre = middle();
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
    state().edit((before) => edits.removeWidgets(before, keys, { reconnect, catalogue: catalogue() }), {
      label: keys.length === 1 ? `Delete ${keys[0]}` : `Delete ${keys.length} widgets`,
      select: [],
    });
    say(keys.length === 1 ? `Deleted ${keys[0]}` : `Deleted ${keys.length} widgets`);
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

  /** Text for the clipboard, or null when nothing is selected. */
  function copied(): string | null {
    const { selection } = state();
    if (selection.length === 0) return null;
    say(`Copied ${selection.length === 1 ? selection[0] : `${selection.length} widgets`}`);
    return copyText(definition(), selection);
  }

  /** Paste text; answers false when it holds no widgets. The trigger of a pasted flow is left out. */
  function paste(text: string): boolean {
    const states = pastedStates(text)?.filter((candidate) => candidate.type !== "trigger");
    if (!states || states.length === 0) return false;
    const corner = toCanvas(cornerOf(states));
    const reach = states.map((one) => ({ ...toCanvas(offsetOf(one) ?? { x: 0, y: 0 }), ...sizeOf(one, catalogue()) }));
    const size = {
      width: Math.max(...reach.map((rect) => rect.x + rect.width)) - corner.x,
      height: Math.max(...reach.map((rect) => rect.y + rect.height)) - corner.y,
    };
    const at = pointer && canvas()?.screenToFlowPosition(pointer);
    const centre = middle();
    const wanted = at
      ? { x: at.x - 40, y: at.y - 24 }
      : freeSpot(definition(), catalogue(), { x: centre.x - size.width / 2, y: centre.y - size.height / 2 }, size);
    const shift = toOffset({ x: wanted.x - corner.x, y: wanted.y - corner.y });
    insert(states, shift, "Paste");
    return true;
  }

  function insert(states: readonly State[], shift: Point, label: string): void {
    let keys: string[] = [];
    state().edit(
      (before) => {
        const placed = edits.pasteStates(before, states, shift);
        keys = placed.keys;
        return placed.definition;
      },
      { label: states.length === 1 ? `${label} ${states[0]?.name}` : `${label} ${states.length} widgets` },
    );
    state().select(keys);
    say(`${label}: ${keys.join(", ")}`);
  }

  function duplicate(): void {
    const keys = state().selection.filter((key) => key !== definition().initial_state);
    const states = keys.map((key) => stateOf(definition(), key)).filter((found) => found !== null);
    if (states.length > 0) insert(states, { x: 40, y: 40 }, "Duplicate");
  }

  function tidy(): void {
    const { selection } = state();
    const part = selection.length > 1 ? selection : undefined;
    state().edit((before) => arrange(before, catalogue(), part), { label: part ? "Tidy up the selection" : "Tidy up" });
    if (!part) window.requestAnimationFrame(() => void canvas()?.fitView({ padding: 0.12, maxZoom: 1, duration: 260 }));
    say("Widgets are laid out");
  }

  function alignSelection(edge: Edge): void {
    const { selection } = state();
    state().edit((before) => align(before, catalogue(), selection, edge), { label: "Align" });
  }

  function move(offsets: ReadonlyMap<string, Point>): void {
    state().edit((before) => edits.moveWidgets(before, offsets), { label: offsets.size === 1 ? "Move a widget" : `Move ${offsets.size} widgets` });
  }

  /** Move the selection by Studio units. */
  function nudge(x: number, y: number): void {
    const chosen = new Set(state().selection);
    if (chosen.size === 0) return;
    const offsets = new Map(
      rects().filter((rect) => chosen.has(rect.id)).map((rect) => {
        const offset = toOffset(rect);
        return [rect.id, { x: offset.x + x, y: offset.y + y }];
      }),
    );
    state().edit((before) => edits.moveWidgets(before, offsets), { label: "Nudge", group: "nudge" });
  }

  /** The next widget in a direction: along the links down and up, else the nearest on that side. */
  function walk(direction: Direction): void {
    const from = state().selection.at(-1);
    if (from === undefined) {
      jumpTo(definition().initial_state);
      return;
    }
    const next = neighbour(from, direction);
    if (next) jumpTo(next);
    else say("No widget in this direction");
  }

  function neighbour(from: string, direction: Direction): string | null {
    const links = linksOf(definition());
    if (direction === "down" || direction === "up") {
      const exits = exitsOf(stateOf(definition(), from) as State, catalogue());
      const along =
        direction === "down"
          ? exits.map((exit) => exit.next).find((next) => next && keysOf(definition()).includes(next))
          : links.find((link) => link.target === from)?.source;
      if (along && along !== from) return along;
    }
    const here = rectOf(from);
    if (!here) return null;
    const centre = { x: here.x + here.width / 2, y: here.y + here.height / 2 };
    let best: { key: string; distance: number } | null = null;
    for (const rect of rects()) {
      if (rect.id === from) continue;
      const dx = rect.x + rect.width / 2 - centre.x;
      const dy = rect.y + rect.height / 2 - centre.y;
      const ahead = { left: -dx, right: dx, up: -dy, down: dy }[direction];
      const aside = direction === "left" || direction === "right" ? Math.abs(dy) : Math.abs(dx);
      if (ahead <= 4) continue;
      const distance = ahead + aside * 2.2;
      if (!best || distance < best.distance) best = { key: rect.id, distance };
    }
    return best?.key ?? null;
  }

  return {
    attachCanvas: (instance: Canvas) => {
      attached = instance;
      showStart();
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
    tidy,
    alignSelection,
    move,
    nudge,
    walk,
    jumpTo,
    reveal,
    describe,
    selectAll: () => state().select(keysOf(definition())),
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
    fitAll: () => void canvas()?.fitView({ padding: 0.12, maxZoom: 1, duration: 260 }),
    fitSelection: () => {
      const nodes = state().selection.map((id) => ({ id }));
      if (nodes.length > 0) void canvas()?.fitView({ nodes, padding: 0.3, maxZoom: 1.2, duration: 260 });
    },
    zoom: (step: number | null) => {
      const instance = canvas();
      if (step === null) void instance?.zoomTo(1, { duration: 200 });
      else if (step > 0) void instance?.zoomIn({ duration: 160 });
      else void instance?.zoomOut({ duration: 160 });
    },
    say,
  };
}

export type BuilderActions = ReturnType<typeof createActions>;
