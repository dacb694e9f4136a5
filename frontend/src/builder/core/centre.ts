/** Where to look, so that something is seen. */

import type { Point } from "./model";

type Size = { width: number; height: number };

/** The middle itself where anything lies within a size about it; else the middle of what lies nearest. */
export function centreWithSomething(rects: readonly (Point & Size)[], middle: Point, size: Size): Point {
  const away = (rect: Point & Size) => ({
    x: Math.abs(rect.x + rect.width / 2 - middle.x),
    y: Math.abs(rect.y + rect.height / 2 - middle.y),
  });
  // Half of it has to be in sight.
  const isSeen = (rect: Point & Size) => away(rect).x < size.width / 2 && away(rect).y < size.height / 2;
  if (rects.length === 0 || rects.some(isSeen)) return middle;
  const distance = (rect: Point & Size) => Math.hypot(away(rect).x, away(rect).y);
  const nearest = rects.reduce((best, rect) => (distance(rect) < distance(best) ? rect : best));
  return { x: nearest.x + nearest.width / 2, y: nearest.y + nearest.height / 2 };
}
