/** The definition as nodes and edges of the canvas library; unchanged widgets keep their node. */
import { MarkerType, Position, type Edge, type Node } from "@xyflow/react";

import type { Definition, State } from "../../api/types";
import { toCanvas } from "../core/layout";
import { exitsOf, keysOf, linksOf, offsetOf, type Catalogue, type Exit, type Point } from "../core/model";
import type { Marks } from "../core/problems";
import { sizeOf } from "../core/sizes";
import { markOf, type Trace } from "../core/trace";

export type CardData = {
  state: State;
  isStart: boolean;
  exits: Exit[];
  catalogue: Catalogue;
  marks: Marks | null;
  [key: string]: unknown;
};
export type CardNode = Node<CardData, "widget">;

export type LinkData = {
  label: string;
  sourceLeft: number;
  sourceRight: number;
  targetHalf: number;
  lane: number;
  [key: string]: unknown;
};
export type LinkEdge = Edge<LinkData, "link">;

/** Left edge of an exit's column to its middle, as a share of the card's width. */
export function portOf(exits: readonly Exit[], id: string): number {
  const place = exits.findIndex((exit) => exit.id === id);
  return exits.length ? (Math.max(0, place) + 0.5) / exits.length : 0.5;
}

const DOT = 12;
const ARROW = { type: MarkerType.ArrowClosed, width: 15, height: 15, color: "var(--fd-edge)" };
const ARROW_ACCENT = { ...ARROW, color: "var(--fd-accent)" };
const nodeCache = new WeakMap<State, CardNode>();

function sameMarks(a: Marks | null, b: Marks | null): boolean {
  return a?.errors === b?.errors && a?.warnings === b?.warnings;
}

type View = {
  definition: Definition;
  catalogue: Catalogue;
  selection: readonly string[];
  marks: ReadonlyMap<string, Marks>;
  dragged: ReadonlyMap<string, Point>;
  trace: Trace | null;
};

export function nodesOf({ definition, catalogue, selection, marks, dragged, trace }: View): CardNode[] {
  const keys = keysOf(definition);
  const chosen = new Set(selection);
  return definition.states.map((state, index) => {
    const id = keys[index] as string;
    const mark = marks.get(id) ?? null;
    const selected = chosen.has(id);
    const isStart = definition.initial_state === id;
    const className = markOf(trace, { widget: id });
    const position = dragged.get(id) ?? toCanvas(offsetOf(state) ?? { x: 0, y: 0 });
    const cached = nodeCache.get(state);
    if (
      cached &&
      cached.id === id &&
      cached.selected === selected &&
      cached.className === className &&
      cached.data.catalogue === catalogue &&
      cached.data.isStart === isStart &&
      sameMarks(cached.data.marks, mark)
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
      data: { state, isStart, exits, catalogue, marks: mark },
      deletable: !isStart,
    };
    nodeCache.set(state, node);
    return node;
  });
}

export function edgesOf({ nodes, definition, selection, selectedLink, trace }: {
  nodes: readonly CardNode[];
  definition: Definition;
  selection: readonly string[];
  selectedLink: string | null;
  trace: Trace | null;
}): LinkEdge[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const chosen = new Set(selection);
  return linksOf(definition).flatMap((link) => {
    const source = byId.get(link.source);
    const target = byId.get(link.target);
    if (!source || !target) return [];
    const port = portOf(source.data.exits, link.exit);
    const width = source.width as number;
    const painted = markOf(trace, { link: link.id });
    const related = chosen.has(link.source) || chosen.has(link.target);
    return [
      {
        id: link.id,
        type: "link" as const,
        source: link.source,
        target: link.target,
        sourceHandle: link.exit,
        targetHandle: "in",
        selected: selectedLink === link.id,
        className: `${related ? "link--related" : ""} ${painted}`,
        zIndex: selectedLink === link.id ? 2 : related || painted === "trace--seen" ? 1 : 0,
        markerEnd: related || selectedLink === link.id || painted === "trace--seen" ? ARROW_ACCENT : ARROW,
        data: {
          label: `${link.source} to ${link.target}`,
          sourceLeft: width * port,
          sourceRight: width * (1 - port),
          targetHalf: (target.width as number) / 2,
          lane: source.data.exits.findIndex((exit) => exit.id === link.exit) % 6,
        },
      },
    ];
  });
}
