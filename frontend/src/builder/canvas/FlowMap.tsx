import { Panel, useReactFlow, useStore as useFlowStore } from "@xyflow/react";
import { useMemo, useRef, type PointerEvent } from "react";
import { shallow } from "zustand/shallow";

import { useBuilder } from "../context";
import { noteRect } from "../core/frames";
import { rectsOf, type Rect } from "../core/layout";
import { notesOf } from "../core/notes";
import type { Marks } from "../core/problems";
import { toneOf } from "../look";

const COLOURS: Record<string, string> = {
  start: "#5a554e", message: "#2c897c", logic: "#d28d15", data: "#5b78c2", people: "#a4588f", voice: "#7d8790", other: "#99938a",
};
const ERROR = "#cf4f35";
const NOTE = "rgb(210 170 60 / 30%)";
/** Room around the whole, as a share of it. */
const MARGIN = 0.05;
const WIDTH = 168;
const HEIGHT = 116;

function outline({ x, y, width, height }: Rect): string {
  return `M${Math.round(x)} ${Math.round(y)}h${Math.round(width)}v${Math.round(height)}h${-Math.round(width)}z`;
}

/**
 * The whole flow in a corner: press or drag on it to go there, turn the wheel to zoom. One path for each colour: a
 * thousand widgets cost it no more than ten while one moves about.
 */
export function FlowMap({ marks }: { marks: ReadonlyMap<string, Marks> }) {
  const definition = useBuilder((state) => state.history.present);
  const catalogue = useBuilder((state) => state.catalogue);
  const { setCenter, zoomTo, getZoom } = useReactFlow();
  const view = useFlowStore(({ transform: [x, y, zoom], width, height }) => ({ x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom }), shallow);
  const picture = useRef<SVGSVGElement>(null);

  const { paths, whole } = useMemo(() => {
    const cards = rectsOf(definition, catalogue);
    const notes = notesOf(definition).map(noteRect);
    const byColour = new Map<string, string[]>();
    const paint = (colour: string, rect: Rect) => {
      const known = byColour.get(colour);
      if (known) known.push(outline(rect));
      else byColour.set(colour, [outline(rect)]);
    };
    for (const note of notes) paint(NOTE, note);
    cards.forEach((card, index) => paint(marks.get(card.id)?.errors ? ERROR : (COLOURS[toneOf(definition.states[index]?.type ?? "")] as string), card));
    return { paths: [...byColour].map(([colour, parts]) => [colour, parts.join("")] as const), whole: around([...cards, ...notes]) };
  }, [definition, catalogue, marks]);

  const all = around(whole ? [whole, { id: "", ...view }] : [{ id: "", ...view }]) as Rect;
  // As large as fits, with the picture's own proportions.
  const scale = Math.max(all.width / WIDTH, all.height / HEIGHT) * (1 + 2 * MARGIN);
  const box = { x: all.x + all.width / 2 - (WIDTH * scale) / 2, y: all.y + all.height / 2 - (HEIGHT * scale) / 2, width: WIDTH * scale, height: HEIGHT * scale };

  const go = (event: PointerEvent) => {
    const place = picture.current?.getBoundingClientRect();
    if (!place) return;
    const x = box.x + ((event.clientX - place.x) / place.width) * box.width;
    const y = box.y + ((event.clientY - place.y) / place.height) * box.height;
    void setCenter(x, y, { zoom: getZoom() });
  };

  return (
    <Panel
      position="bottom-right"
      className="flowmap"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons === 1) go(event);
      }}
      onWheel={(event) => void zoomTo(getZoom() * 2 ** (-event.deltaY * 0.002))}
    >
      <svg ref={picture} role="img" aria-label="Map of the flow" viewBox={`${box.x} ${box.y} ${box.width} ${box.height}`}>
        {paths.map(([colour, path]) => (
          <path key={colour} d={path} fill={colour} stroke={colour} strokeWidth={26} strokeLinejoin="round" />
        ))}
        <path className="flowmap__mask" fillRule="evenodd" d={outline({ id: "", ...box }) + outline({ id: "", ...view })} />
        <rect className="flowmap__view" {...view} rx={scale} strokeWidth={scale} />
      </svg>
    </Panel>
  );
}

function around(rects: readonly Rect[]): Rect | null {
  if (rects.length === 0) return null;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const rect of rects) {
    left = Math.min(left, rect.x);
    top = Math.min(top, rect.y);
    right = Math.max(right, rect.x + rect.width);
    bottom = Math.max(bottom, rect.y + rect.height);
  }
  return { id: "", x: left, y: top, width: right - left, height: bottom - top };
}
