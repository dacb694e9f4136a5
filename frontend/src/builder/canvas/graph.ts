/** The definition as nodes and edges of the canvas library; unchanged widgets keep their node. */
import { Position, type Edge, type Node } from "@xyflow/react";

import type { Definition, State } from "../../api/types";
import { toCanvas } from "../core/layout";
import { exitsOf, keysOf, linksOf, offsetOf, SCALE, stateOf, type Catalogue, type Exit, type Point } from "../core/model";
import type { Marks } from "../core/problems";
import { sizeOf } from "../core/sizes";
import { notesOf, noteKey, type Note } from "../core/notes";
import { markOf, type Trace } from "../core/trace";
import { heatOf, type Flow, type TrafficView, type Visits } from "../core/traffic";
import type { Other } from "../presence/editors";

export type CardData = {
  state: State;
  isStart: boolean;
  exits: readonly Exit[];
  catalogue: Catalogue;
  marks: Marks | null;
  /** How many came by, where that is shown. */
  visits: Visits | null;
  /** Who else has it selected. */
  others: readonly Other[] | null;
  [key: string]: unknown;
};
export type CardNode = Node<CardData, "widget">;

export type NoteData = { note: Note; readOnly: boolean; [key: string]: unknown };
export type NoteNode = Node<NoteData, "note">;
export type AnyNode = CardNode | NoteNode;

export type LinkData = {
  label: string;
  sourceLeft: number;
  sourceRight: number;
  targetHalf: number;
  lane: number;
  /** How often it was taken, where that is shown. */
  flow: Flow | null;
  [key: string]: unknown;
};
export type LinkEdge = Edge<LinkData, "link">;

/** Left edge of an exit's column to its middle, as a share of the card's width. */
export function portOf(exits: readonly Exit[], id: string): number {
  const place = exits.findIndex((exit) => exit.id === id);
  return exits.length ? (Math.max(0, place) + 0.5) / exits.length : 0.5;
}

const DOT = 12;
/** Ids of the arrow heads that `Arrows` draws once for all lines, with their colours. */
export const ARROWS = { "arrow": "var(--fd-edge)", "arrow-accent": "var(--fd-accent)", "arrow-added": "var(--fd-ok)", "arrow-removed": "var(--fd-danger)" } as const;
type Arrow = keyof typeof ARROWS;
const nodeCache = new WeakMap<State, CardNode>();

function sameMarks(a: Marks | null, b: Marks | null): boolean {
  return a?.errors === b?.errors && a?.warnings === b?.warnings;
}

const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

/** The selection as a set, made once however many ask. */
export function chosenOf(selection: readonly string[]): ReadonlySet<string> {
  const known = sets.get(selection);
  if (known) return known;
  const made = new Set(selection);
  sets.set(selection, made);
  return made;
}

type View = {
  definition: Definition;
  catalogue: Catalogue;
  selection: readonly string[];
  marks: ReadonlyMap<string, Marks>;
  trace: Trace | null;
  traffic: TrafficView | null;
  others: ReadonlyMap<string, readonly Other[]>;
};

const noteCache = new WeakMap<Note, NoteNode>();

/** Sticky notes, behind everything else. */
export function noteNodesOf(definition: Definition, selection: readonly string[], trace: Trace | null, readOnly: boolean): NoteNode[] {
  const chosen = chosenOf(selection);
  return notesOf(definition).map((note) => {
    const id = noteKey(note.id);
    const position = toCanvas(note);
    const selected = chosen.has(id);
    const className = `note-node ${markOf(trace?.kind === "diff" ? trace : null, { widget: id })}`;
    const cached = noteCache.get(note);
    if (cached && cached.selected === selected && cached.className === className && cached.position.x === position.x && cached.position.y === position.y && cached.data.readOnly === readOnly) return cached;
    const width = note.width * SCALE;
    const height = note.height * SCALE;
    const node: NoteNode = { id, type: "note", position, selected, className, width, height, measured: { width, height }, zIndex: -1, connectable: false, data: { note, readOnly } };
    noteCache.set(note, node);
    return node;
  });
}

/** The nodes while some are dragged: the others are the very same. */
export function draggedNodes<N extends AnyNode>(nodes: readonly N[], dragged: ReadonlyMap<string, Point>): N[] {
  if (dragged.size === 0) return nodes as N[];
  return nodes.map((node) => {
    const position = dragged.get(node.id);
    return position ? { ...node, position, dragging: true } : node;
  });
}

export function nodesOf({ definition, catalogue, selection, marks, trace, traffic, others }: View): CardNode[] {
  const keys = keysOf(definition);
  const chosen = chosenOf(selection);
  return definition.states.map((state, index) => {
    const id = keys[index] as string;
    const mark = marks.get(id) ?? null;
    const selected = chosen.has(id);
    const isStart = definition.initial_state === id;
    const className = markOf(trace, { widget: id });
    const position = toCanvas(offsetOf(state) ?? { x: 0, y: 0 });
    const visits = traffic?.widgets.get(id) ?? null;
    const beside = others.get(id) ?? null;
    const cached = nodeCache.get(state);
    if (
      cached &&
      cached.id === id &&
      cached.selected === selected &&
      cached.className === className &&
      cached.data.catalogue === catalogue &&
      cached.data.isStart === isStart &&
      sameMarks(cached.data.marks, mark) &&
      cached.data.visits === visits &&
      cached.data.others === beside
    ) {
      if (cached.position.x === position.x && cached.position.y === position.y) return cached;
      const moved = { ...cached, position };
      nodeCache.set(state, moved);
      return moved;
    }
    const exits = exitsOf(state, catalogue);
    const { width, height } = sizeOf(state, catalogue);
    const node: CardNode = {
      id,
      type: "widget",
      position,
      selected,
      className,
      width,
      height,
      measured: { width, height },
      handles: [
        { id: "in", type: "target", position: Position.Top, x: width / 2 - DOT / 2, y: -DOT / 2, width: DOT, height: DOT },
        ...exits.map((exit) => ({
          id: exit.id,
          type: "source" as const,
          position: Position.Bottom,
          x: width * portOf(exits, exit.id) - DOT / 2,
          y: height - DOT / 2,
          width: DOT,
          height: DOT,
        })),
      ],
      data: { state, isStart, exits, catalogue, marks: mark, visits, others: beside },
      deletable: !isStart,
    };
    nodeCache.set(state, node);
    return node;
  });
}

function arrowOf(painted: string, isAccent: boolean): Arrow {
  if (painted === "diff--added") return "arrow-added";
  if (painted === "diff--removed") return "arrow-removed";
  return isAccent || painted === "trace--seen" ? "arrow-accent" : "arrow";
}

type Links = {
  definition: Definition;
  catalogue: Catalogue;
  selectedLink: string | null;
  trace: Trace | null;
  traffic: TrafficView | null;
  /** The edges of the time before: those that are still the same are taken again. */
  before: readonly LinkEdge[];
};

/**
 * The lines. Of what is selected they know nothing: those of a selected widget find out by themselves (LinkLine), since
 * new edges cost the canvas library time by their number.
 */
function edgesOf({ definition, catalogue, selectedLink, trace, traffic, before }: Links): readonly LinkEdge[] {
  const known = new Map(before.map((edge) => [edge.id, edge]));
  const edges = [...linksOf(definition), ...(trace?.lost ?? [])].flatMap((link) => {
    const source = stateOf(definition, link.source);
    const target = stateOf(definition, link.target);
    if (!source || !target) return [];
    const exits = exitsOf(source, catalogue);
    const port = portOf(exits, link.exit);
    const { width } = sizeOf(source, catalogue);
    const painted = markOf(trace, { link: link.id });
    const selected = selectedLink === link.id;
    const flow = traffic?.links.get(link.id) ?? null;
    const edge: LinkEdge = {
      id: link.id,
      type: "link" as const,
      source: link.source,
      target: link.target,
      sourceHandle: link.exit,
      targetHandle: "in",
      selected,
      className: `${painted} ${traffic ? heatOf(flow?.share ?? 0) : ""}`,
      zIndex: selected ? 2 : painted === "trace--seen" ? 1 : 0,
      markerEnd: arrowOf(painted, selected || (flow?.count ?? 0) > 0),
      data: {
        label: `${link.source} to ${link.target}`,
        sourceLeft: width * port,
        sourceRight: width * (1 - port),
        targetHalf: sizeOf(target, catalogue).width / 2,
        lane: exits.findIndex((exit) => exit.id === link.exit) % 6,
        flow,
      },
    };
    const old = known.get(link.id);
    return [old && sameEdge(old, edge) ? old : edge];
  });
  return edges.length === before.length && edges.every((edge, index) => edge === before[index]) ? before : edges;
}

/** Draws the lines again and again: an edge that is still the same is the same object, and so is the list of them. */
export function edgeDrawer(): (links: Omit<Links, "before">) => LinkEdge[] {
  let before: readonly LinkEdge[] = [];
  return (links) => {
    before = edgesOf({ ...links, before });
    return before as LinkEdge[];
  };
}

function sameEdge(a: LinkEdge, b: LinkEdge): boolean {
  const [x, y] = [a.data as LinkData, b.data as LinkData];
  return (
    a.target === b.target && a.sourceHandle === b.sourceHandle && a.selected === b.selected && a.className === b.className && a.zIndex === b.zIndex && a.markerEnd === b.markerEnd &&
    x.sourceLeft === y.sourceLeft && x.sourceRight === y.sourceRight && x.targetHalf === y.targetHalf && x.lane === y.lane && x.flow === y.flow
  );
}
