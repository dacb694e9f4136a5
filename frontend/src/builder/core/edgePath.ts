/** The line of a connection as an SVG path: down in one curve, or around the cards when it leads back up. */

export type EdgeEnds = {
  sourceX: number;
  sourceY: number;
  targetX: number;
  targetY: number;
  /** How far the source card reaches left and right of its exit, and the target card of its middle. */
  sourceLeft: number;
  sourceRight: number;
  targetHalf: number;
  /** Keeps several lines that go around one card apart. */
  lane: number;
};

export type EdgePath = { path: string; labelX: number; labelY: number };

const DOWN_LEAST = 30;

export function edgePath(ends: EdgeEnds): EdgePath {
  const { sourceX, sourceY, targetX, targetY } = ends;
  if (targetY - sourceY >= DOWN_LEAST) {
    const pull = Math.min(140, Math.max(26, (targetY - sourceY) * 0.5));
    return {
      path: `M ${sourceX},${sourceY} C ${sourceX},${sourceY + pull} ${targetX},${targetY - pull} ${targetX},${targetY}`,
      labelX: (sourceX + targetX) / 2,
      labelY: (sourceY + targetY) / 2,
    };
  }
  return around(ends);
}

function around({ sourceX, sourceY, targetX, targetY, sourceLeft, sourceRight, targetHalf, lane }: EdgeEnds): EdgePath {
  const clear = 24 + lane * 9;
  const left = Math.min(sourceX - sourceLeft, targetX - targetHalf) - clear;
  const right = Math.max(sourceX + sourceRight, targetX + targetHalf) + clear;
  const wayLeft = sourceX - left + (targetX - left);
  const wayRight = right - sourceX + (right - targetX);
  const gapX = between(sourceX - sourceLeft, sourceX + sourceRight, targetX - targetHalf, targetX + targetHalf);
  const side = gapX ?? (wayLeft <= wayRight ? left : right);
  const low = sourceY + 16 + lane * 5;
  const high = targetY - 20 - lane * 5;
  return {
    path: rounded([
      [sourceX, sourceY], [sourceX, low], [side, low], [side, high], [targetX, high], [targetX, targetY],
    ]),
    labelX: side,
    labelY: (low + high) / 2,
  };
}

/** The middle of the free strip between two cards that stand side by side; null when there is none. */
function between(aLeft: number, aRight: number, bLeft: number, bRight: number): number | null {
  if (bLeft - aRight > 30) return (aRight + bLeft) / 2;
  if (aLeft - bRight > 30) return (bRight + aLeft) / 2;
  return null;
}

function rounded(points: readonly (readonly [number, number])[], radius = 12): string {
  const [first, ...rest] = points;
  let path = `M ${first?.[0]},${first?.[1]}`;
  rest.forEach(([x, y], index) => {
    const [fromX, fromY] = points[index] as readonly [number, number];
    const next = points[index + 2];
    if (!next) {
      path += ` L ${x},${y}`;
      return;
    }
    const r = Math.min(radius, Math.hypot(x - fromX, y - fromY) / 2, Math.hypot(next[0] - x, next[1] - y) / 2);
    const before = toward(x, y, fromX, fromY, r);
    const after = toward(x, y, next[0], next[1], r);
    path += ` L ${before[0]},${before[1]} Q ${x},${y} ${after[0]},${after[1]}`;
  });
  return path;
}

function toward(x: number, y: number, toX: number, toY: number, distance: number): [number, number] {
  const length = Math.hypot(toX - x, toY - y) || 1;
  return [x + ((toX - x) / length) * distance, y + ((toY - y) / length) * distance];
}
