/** Walking from widget to widget with the arrow keys. */
import type { Definition } from "../../api/types";
import { noteRect } from "./frames";
import { rectsOf } from "./layout";
import { exitsOf, indexOf, linksOf, stateOf, type Catalogue } from "./model";
import { noteOf } from "./notes";

export type Direction = "up" | "down" | "left" | "right";

/** The next widget in a direction: along the links down and up, else the nearest on that side; null where there is none. */
export function neighbour(definition: Definition, catalogue: Catalogue, from: string, direction: Direction): string | null {
  const links = linksOf(definition);
  const state = stateOf(definition, from);
  if (state && (direction === "down" || direction === "up")) {
    const exits = exitsOf(state, catalogue);
    const along =
      direction === "down"
        ? exits.map((exit) => exit.next).find((next) => next && indexOf(definition, next) >= 0)
        : links.find((link) => link.target === from)?.source;
    if (along && along !== from) return along;
  }
  const note = noteOf(definition, from);
  const all = rectsOf(definition, catalogue);
  const here = note ? noteRect(note) : all.find((rect) => rect.id === from);
  if (!here) return null;
  const centre = { x: here.x + here.width / 2, y: here.y + here.height / 2 };
  let best: { key: string; distance: number } | null = null;
  for (const rect of all) {
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
