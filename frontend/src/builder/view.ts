/** What part of the drawing is seen: the view it opens with, and bringing widgets into it. */
import type { ReactFlowInstance } from "@xyflow/react";

import type { AnyNode, LinkEdge } from "./canvas/graph";
import { centreWithSomething } from "./core/centre";
import type { Rect } from "./core/layout";
import type { Point } from "./core/model";

type Canvas = ReactFlowInstance<AnyNode, LinkEdge>;

/** Below this zoom a whole flow cannot be read; it opens at its beginning instead. */
const READABLE = 0.62;
const BEGIN_ZOOM = 0.85;
const WHOLE = { padding: 0.12, maxZoom: 1 };

type Drawn = {
  /** The places of all widgets, and of one or a note. */
  rects: () => readonly Rect[];
  rectOf: (key: string) => Rect | null;
  start: () => string;
  /** Whether the inspector is open, or will be in a moment. */
  isInspected: () => boolean;
};

/** How long a movement takes; no time where people want none. */
function lasting(duration: number): { duration: number } {
  return { duration: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : duration };
}

function paneBox(): DOMRect | undefined {
  return document.querySelector(".canvas")?.getBoundingClientRect();
}

/** How much of the canvas' right side panels lie over, or will in a moment: a card may not end up beneath one. */
function coverOf(width: number, isInspected: boolean): number {
  const inspector = document.querySelector<HTMLElement>(".builder__inspector");
  const beside = window.innerWidth >= 1280;
  const simulator = beside ? 0 : (document.querySelector<HTMLElement>(".simulator")?.offsetWidth ?? 0);
  const own = !isInspected ? 0 : inspector ? (beside ? 0 : inspector.offsetWidth) : beside ? 356 : 340;
  const cover = Math.max(own, simulator);
  // On a phone they take all there is.
  return cover < width * 0.7 ? cover : 0;
}

export function createView({ rects, rectOf, start, isInspected }: Drawn) {
  /** Null until the canvas has been drawn. */
  let canvas: Canvas | null = null;

  function toFlow(screen: Point): Point | null {
    return canvas?.screenToFlowPosition(screen) ?? null;
  }

  function middle(): Point {
    const pane = paneBox();
    return (pane && toFlow({ x: pane.x + pane.width / 2, y: pane.y + pane.height / 2 })) ?? { x: 0, y: 0 };
  }

  /** The view a flow opens with: all of it where that can be read, else its beginning. */
  async function showStart(): Promise<void> {
    const pane = paneBox();
    const all = rects();
    const first = all.find((rect) => rect.id === start()) ?? all[0];
    if (!canvas || !pane || !first) return;
    const left = Math.min(...all.map((rect) => rect.x));
    const right = Math.max(...all.map((rect) => rect.x + rect.width));
    const top = Math.min(...all.map((rect) => rect.y));
    const bottom = Math.max(...all.map((rect) => rect.y + rect.height));
    const zoom = Math.min(1, (pane.width - 120) / (right - left), (pane.height - 120) / (bottom - top));
    if (zoom >= READABLE) {
      await canvas.fitView(WHOLE);
      return;
    }
    const width = first.x + first.width / 2;
    await canvas.setViewport({ x: pane.width / 2 - width * BEGIN_ZOOM, y: 56 - first.y * BEGIN_ZOOM, zoom: BEGIN_ZOOM });
  }

  /** Bring widgets into view unless they are all in it already. */
  function reveal(keys: readonly string[]): void {
    const pane = paneBox();
    const shown = keys.map(rectOf).filter((rect) => rect !== null);
    const [first] = shown;
    if (!canvas || !pane || !first) return;
    const { x, y, zoom } = canvas.getViewport();
    const right = pane.width - coverOf(pane.width, isInspected());
    const inside = shown.every((rect) => {
      const left = rect.x * zoom + x;
      const top = rect.y * zoom + y;
      return left > 8 && top > 8 && left + rect.width * zoom < right - 8 && top + rect.height * zoom < pane.height - 8;
    });
    if (inside) return;
    const target = Math.min(1.2, Math.max(zoom, 0.7));
    const aside = (pane.width - right) / 2 / target;
    void canvas.setCenter(first.x + first.width / 2 + aside, first.y + first.height / 2, { zoom: target, ...lasting(260) });
  }

  /** 100 %, about what is in the middle; never about a place where nothing is. */
  function showFullSize(): void {
    const pane = paneBox();
    if (!canvas || !pane) return;
    const centre = centreWithSomething(rects(), middle(), pane);
    void canvas.setCenter(centre.x, centre.y, { zoom: 1, ...lasting(200) });
  }

  return {
    attach: (instance: Canvas) => {
      canvas = instance;
    },
    toFlow,
    middle,
    showStart,
    reveal,
    fitAll: () => {
      const cover = coverOf(paneBox()?.width ?? 0, isInspected());
      const right = cover > 0 ? (`${cover + 24}px` as const) : WHOLE.padding;
      void canvas?.fitView({ ...WHOLE, padding: { top: WHOLE.padding, left: WHOLE.padding, bottom: WHOLE.padding, right }, ...lasting(260) });
    },
    fit: (keys: readonly string[]) => {
      if (keys.length > 0) void canvas?.fitView({ nodes: keys.map((id) => ({ id })), padding: 0.3, maxZoom: 1.2, ...lasting(260) });
    },
    /** One step closer or farther; null: to 100 %. */
    zoom: (step: number | null) => {
      if (step === null) showFullSize();
      else if (step > 0) void canvas?.zoomIn(lasting(160));
      else void canvas?.zoomOut(lasting(160));
    },
  };
}
