/** Places of widgets on the canvas: where they are, where they belong, and apart when they overlap. */
import type { Definition } from "../../api/types";
import { moveWidgets } from "./edits";
import { layered, type Spot } from "./layered";
import { exitsOf, keysOf, offsetOf, SCALE, type Catalogue, type Point } from "./model";
import { sizeOf } from "./sizes";

export type Rect = { id: string; x: number; y: number; width: number; height: number };

export function toCanvas(offset: Point): Point {
  return { x: offset.x * SCALE, y: offset.y * SCALE };
}

export function toOffset(point: Point): Point {
  return { x: point.x / SCALE, y: point.y / SCALE };
}

export function rectsOf(definition: Definition, catalogue: Catalogue): Rect[] {
  const keys = keysOf(definition);
  return definition.states.map((state, index) => ({
    id: keys[index] as string,
    ...toCanvas(offsetOf(state) ?? { x: 0, y: 0 }),
    ...sizeOf(state, catalogue),
  }));
}

/** Fresh places for these widgets (all of them by default); a part of a flow stays where its corner was. */
export function arrange(definition: Definition, catalogue: Catalogue, only?: readonly string[]): Definition {
  const rects = rectsOf(definition, catalogue);
  const chosen = only && only.length > 1 ? new Set(only) : null;
  const boxes = rects.filter((rect) => !chosen || chosen.has(rect.id));
  const inside = new Set(boxes.map((box) => box.id));
  const keys = keysOf(definition);
  const lines = definition.states.flatMap((state, index) => {
    const source = keys[index] as string;
    if (!inside.has(source)) return [];
    // Only exits that lead somewhere share the width: a chain of first exits is a column, not a staircase.
    const targets = [...new Set(exitsOf(state, catalogue).map(({ next }) => next))].filter((next) => next !== null && inside.has(next));
    return targets.map((target, place) => ({ source, target: target as string, port: (place + 0.5) / targets.length }));
  });
  const spots = layered(boxes, lines, definition.initial_state);
  const shift = chosen ? cornerOf(boxes) : { x: 0, y: 0 };
  return withSpots(definition, new Map([...spots].map(([key, { x, y }]) => [key, { x: x + shift.x, y: y + shift.y }])));
}

function cornerOf(rects: readonly Rect[]): Point {
  return { x: Math.min(...rects.map(({ x }) => x)), y: Math.min(...rects.map(({ y }) => y)) };
}

function withSpots(definition: Definition, spots: ReadonlyMap<string, Spot>): Definition {
  return moveWidgets(definition, new Map([...spots].map(([key, spot]) => [key, toOffset(spot)])));
}

const APART = 14;

function overlap(a: Rect, b: Rect): { x: number; y: number } | null {
  const x = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x) + APART;
  const y = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y) + APART;
  return x > 0 && y > 0 ? { x, y } : null;
}

/** The same rectangles pushed apart, each along its shorter way, until none touches another. */
export function apart(given: readonly Rect[]): Rect[] {
  const rects = given.map((rect) => ({ ...rect }));
  for (let round = 0; round < 60; round += 1) {
    let moved = false;
    const sorted = [...rects].sort((a, b) => a.y - b.y || a.x - b.x);
    for (let i = 0; i < sorted.length; i += 1) {
      for (let j = i + 1; j < sorted.length; j += 1) {
        const [a, b] = [sorted[i] as Rect, sorted[j] as Rect];
        const by = overlap(a, b);
        if (!by) continue;
        moved = true;
        // After many rounds only downwards: that cannot circle.
        if (by.x < by.y && round < 40) {
          const sign = a.x + a.width / 2 <= b.x + b.width / 2 ? 1 : -1;
          a.x -= (sign * by.x) / 2;
          b.x += (sign * by.x) / 2;
        } else b.y += by.y;
      }
    }
    if (!moved) break;
  }
  return rects;
}

/**
 * A definition as it is opened: laid out when it has no places (or half of them is missing), new places
 * for single widgets without one, and overlapping cards pushed apart. Only offsets differ.
 */
export function settled(definition: Definition, catalogue: Catalogue): Definition {
  const keys = keysOf(definition);
  const missing = definition.states.filter((state) => offsetOf(state) === null).length;
  if (definition.states.length > 1 && missing * 2 >= definition.states.length) return arrange(definition, catalogue);
  let placed = definition;
  if (missing > 0) {
    const rects = rectsOf(definition, catalogue).filter((_, index) => offsetOf(definition.states[index]!) !== null);
    const bottom = Math.max(0, ...rects.map((rect) => rect.y + rect.height)) + 80;
    let x = Math.min(0, ...rects.map((rect) => rect.x));
    const spots = new Map<string, Spot>();
    definition.states.forEach((state, index) => {
      if (offsetOf(state)) return;
      spots.set(keys[index] as string, { x, y: bottom });
      x += sizeOf(state, catalogue).width + 44;
    });
    placed = withSpots(definition, spots);
  }
  const before = rectsOf(placed, catalogue);
  const after = apart(before);
  const spots = new Map<string, Spot>();
  after.forEach((rect, index) => {
    const old = before[index] as Rect;
    if (Math.abs(old.x - rect.x) > 0.5 || Math.abs(old.y - rect.y) > 0.5) spots.set(rect.id, rect);
  });
  return spots.size ? withSpots(placed, spots) : placed;
}

export type Edge = "left" | "center" | "right" | "top" | "middle" | "bottom" | "across" | "down";

/** Where rectangles go that are aligned by an edge or middle line, or spread evenly across or down; nowhere when there is only one. */
export function aligned(rects: readonly Rect[], edge: Edge): ReadonlyMap<string, Spot> {
  const spots = new Map<string, Spot>();
  if (rects.length < 2) return spots;
  const left = Math.min(...rects.map((rect) => rect.x));
  const top = Math.min(...rects.map((rect) => rect.y));
  const right = Math.max(...rects.map((rect) => rect.x + rect.width));
  const bottom = Math.max(...rects.map((rect) => rect.y + rect.height));
  if (edge === "across" || edge === "down") {
    const [axis, size] = edge === "across" ? (["x", "width"] as const) : (["y", "height"] as const);
    const sorted = [...rects].sort((a, b) => a[axis] - b[axis]);
    const room = (edge === "across" ? right - left : bottom - top) - sorted.reduce((sum, rect) => sum + rect[size], 0);
    const gap = Math.max(APART, room / (sorted.length - 1));
    let at = edge === "across" ? left : top;
    for (const rect of sorted) {
      spots.set(rect.id, { x: rect.x, y: rect.y, [axis]: at });
      at += rect[size] + gap;
    }
    return spots;
  }
  for (const rect of rects) {
    const places: Record<Exclude<Edge, "across" | "down">, Spot> = {
      left: { x: left, y: rect.y },
      center: { x: (left + right - rect.width) / 2, y: rect.y },
      right: { x: right - rect.width, y: rect.y },
      top: { x: rect.x, y: top },
      middle: { x: rect.x, y: (top + bottom - rect.height) / 2 },
      bottom: { x: rect.x, y: bottom - rect.height },
    };
    spots.set(rect.id, places[edge]);
  }
  return spots;
}

/** A free place for one more card near a point, in canvas pixels. */
export function freeSpot(definition: Definition, catalogue: Catalogue, near: Point, size: { width: number; height: number }): Point {
  const rects = rectsOf(definition, catalogue);
  for (let ring = 0; ring < 24; ring += 1) {
    for (const side of ring === 0 ? [0] : [1, -1]) {
      for (const down of [0, 1]) {
        const spot = { x: near.x + side * ring * 96, y: near.y + down * ring * 48 };
        if (!rects.some((rect) => overlap(rect, { id: "", ...spot, ...size }))) return spot;
      }
    }
  }
  return near;
}
