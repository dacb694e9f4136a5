/** Cards that come to rest in line: the nearest common edge or middle, and the line to show it by. */

type Box = { x: number; y: number; width: number; height: number };
/** `at` on the axis, from one end to the other along the other axis. */
export type Guide = { axis: "x" | "y"; at: number; from: number; to: number };

const NEAR = 7;
/** Farther away nobody sees that two cards are in line. */
const REACH = 1400;

export function snapped(box: Box, others: readonly Box[]): { x: number; y: number; guides: Guide[] } {
  const near = others.filter((other) => Math.abs(other.x - box.x) < REACH && Math.abs(other.y - box.y) < REACH);
  const across = closest(near, (other) => [other.x - box.x, other.x + other.width / 2 - box.x - box.width / 2, other.x + other.width - box.x - box.width]);
  const down = closest(near, (other) => [other.y - box.y, other.y + other.height / 2 - box.y - box.height / 2]);
  const placed = { ...box, x: box.x + (across?.by ?? 0), y: box.y + (down?.by ?? 0) };
  const guides: Guide[] = [];
  if (across) {
    const at = [placed.x, placed.x + placed.width / 2, placed.x + placed.width][across.line] as number;
    guides.push({ axis: "x", at, from: Math.min(placed.y, across.other.y), to: Math.max(placed.y + placed.height, across.other.y + across.other.height) });
  }
  if (down) {
    const at = [placed.y, placed.y + placed.height / 2][down.line] as number;
    guides.push({ axis: "y", at, from: Math.min(placed.x, down.other.x), to: Math.max(placed.x + placed.width, down.other.x + down.other.width) });
  }
  return { x: placed.x, y: placed.y, guides };
}

function closest(others: readonly Box[], distances: (other: Box) => number[]): { by: number; line: number; other: Box } | null {
  let best: { by: number; line: number; other: Box } | null = null;
  for (const other of others) {
    distances(other).forEach((by, line) => {
      if (Math.abs(by) <= NEAR && (!best || Math.abs(by) < Math.abs(best.by))) best = { by, line, other };
    });
  }
  return best;
}
