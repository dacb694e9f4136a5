/**
 * Drawing a directed graph in layers from top to bottom, exits from left to right (Sugiyama's method):
 * break cycles, rank by the longest way, order each layer by its neighbours' places, then place every
 * box as near to its neighbours as its layer allows. Pure and deterministic; the same graph gives the
 * same picture. Units are canvas pixels.
 */
export type Box = { id: string; width: number; height: number };
/** `port`: where the line leaves the source, from 0 (left) to 1 (right). Order among equals is kept. */
export type Line = { source: string; target: string; port: number };
export type Spot = { x: number; y: number };

const GAP_X = 44;
const GAP_Y = 84;
const DUMMY_WIDTH = 18;
const SWEEPS = 12;
/** How far a row of loose parts reaches before the next begins. */
const ROW_WIDTH = 2000;

type Node = {
  id: string;
  width: number;
  height: number;
  rank: number;
  /** Left edge. */
  x: number;
  order: number;
  dummy: boolean;
  ins: Arc[];
  outs: Arc[];
};
type Arc = { from: Node; to: Node; port: number };

/** Places of all boxes: the root's part first, the other connected parts in rows beside it. */
export function layered(boxes: readonly Box[], lines: readonly Line[], root: string | null): Map<string, Spot> {
  const spots = new Map<string, Spot>();
  let [left, top, rowHeight] = [0, 0, 0];
  let edge = Number.POSITIVE_INFINITY;
  components(boxes, lines, root).forEach((part, index) => {
    const inside = new Set(part.map((box) => box.id));
    const placed = layOut(part, lines.filter((line) => inside.has(line.source) && inside.has(line.target)), root);
    const spotOf = (box: Box) => placed.get(box.id) as Spot;
    const width = Math.max(...part.map((box) => spotOf(box).x + box.width));
    const height = Math.max(...part.map((box) => spotOf(box).y + box.height));
    const start = index === 0 ? 0 : edge - ROW_WIDTH;
    if (left > start && left + width > edge) {
      left = start;
      top += rowHeight + GAP_Y;
      rowHeight = 0;
    }
    for (const box of part) spots.set(box.id, { x: spotOf(box).x + left, y: spotOf(box).y + top });
    left += width + GAP_X * 2;
    // The first part stands alone at the left; the rows beside it start at the top.
    if (index === 0) edge = left + ROW_WIDTH;
    else rowHeight = Math.max(rowHeight, height);
  });
  return spots;
}

function components(boxes: readonly Box[], lines: readonly Line[], root: string | null): Box[][] {
  const neighbours = new Map<string, string[]>(boxes.map((box) => [box.id, []]));
  for (const { source, target } of lines) {
    neighbours.get(source)?.push(target);
    neighbours.get(target)?.push(source);
  }
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const seen = new Set<string>();
  const collect = (start: string): Box[] => {
    const part: Box[] = [];
    const queue = [start];
    seen.add(start);
    while (queue.length > 0) {
      const id = queue.shift() as string;
      const box = byId.get(id);
      if (!box) continue;
      part.push(box);
      for (const next of neighbours.get(id) ?? []) {
        if (!seen.has(next) && byId.has(next)) {
          seen.add(next);
          queue.push(next);
        }
      }
    }
    return part;
  };
  const starts = root === null ? boxes.map((box) => box.id) : [root, ...boxes.map((box) => box.id)];
  const parts = starts.filter((id) => byId.has(id)).flatMap((id) => (seen.has(id) ? [] : [collect(id)]));
  const [first, ...others] = parts;
  return first ? [first, ...others.sort((a, b) => b.length - a.length)] : [];
}

function layOut(boxes: readonly Box[], lines: readonly Line[], root: string | null): Map<string, Spot> {
  const nodes = new Map<string, Node>(
    boxes.map((box) => [box.id, { ...box, rank: 0, x: 0, order: 0, dummy: false, ins: [], outs: [] }]),
  );
  const arcs = acyclic(nodes, lines, root);
  rank(nodes, arcs);
  const layers = intoLayers([...nodes.values()], arcs);
  order(layers);
  place(layers);
  const heights = layers.map((layer) => Math.max(...layer.map((node) => node.height)));
  const least = Math.min(...layers.flat().map((node) => node.x));
  const spots = new Map<string, Spot>();
  let y = 0;
  layers.forEach((layer, index) => {
    for (const node of layer) if (!node.dummy) spots.set(node.id, { x: Math.round(node.x - least), y: Math.round(y) });
    y += (heights[index] as number) + GAP_Y;
  });
  return spots;
}

/** The lines without those that close a circle, found by walking from the root along the exits in order. */
function acyclic(nodes: Map<string, Node>, lines: readonly Line[], root: string | null): Arc[] {
  const outs = new Map<string, Line[]>();
  for (const line of lines) {
    if (line.source === line.target) continue;
    outs.set(line.source, [...(outs.get(line.source) ?? []), line]);
  }
  const hasEntry = new Set(lines.map((line) => line.target));
  const sources = [...nodes.keys()].filter((id) => !hasEntry.has(id));
  const state = new Map<string, "open" | "done">();
  const kept: Arc[] = [];
  const visit = (start: string) => {
    if (state.has(start)) return;
    state.set(start, "open");
    const stack = [{ id: start, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1) as { id: string; next: number };
      const line = (outs.get(top.id) ?? [])[top.next];
      top.next += 1;
      if (!line) {
        state.set(top.id, "done");
        stack.pop();
        continue;
      }
      if (state.get(line.target) === "open") continue;
      kept.push({ from: nodes.get(top.id) as Node, to: nodes.get(line.target) as Node, port: line.port });
      if (!state.has(line.target)) {
        state.set(line.target, "open");
        stack.push({ id: line.target, next: 0 });
      }
    }
  };
  if (root !== null && nodes.has(root)) visit(root);
  for (const id of [...sources, ...nodes.keys()]) visit(id);
  return kept;
}

/** Longest way from a start; what only leads into the middle moves down beside what it leads to. */
function rank(nodes: Map<string, Node>, arcs: readonly Arc[]): void {
  const waiting = new Map<Node, number>();
  const outs = new Map<Node, Arc[]>();
  for (const arc of arcs) {
    waiting.set(arc.to, (waiting.get(arc.to) ?? 0) + 1);
    outs.set(arc.from, [...(outs.get(arc.from) ?? []), arc]);
  }
  const queue = [...nodes.values()].filter((node) => !waiting.get(node));
  const starts = [...queue];
  while (queue.length > 0) {
    const node = queue.shift() as Node;
    for (const { to } of outs.get(node) ?? []) {
      to.rank = Math.max(to.rank, node.rank + 1);
      const left = (waiting.get(to) as number) - 1;
      waiting.set(to, left);
      if (left === 0) queue.push(to);
    }
  }
  for (const start of starts.slice(1)) {
    const targets = (outs.get(start) ?? []).map(({ to }) => to.rank);
    if (targets.length > 0) start.rank = Math.max(0, Math.min(...targets) - 1);
  }
}

/** Layers of boxes, long lines cut into one invisible box a layer. Fills `ins` and `outs`. */
function intoLayers(nodes: Node[], arcs: readonly Arc[]): Node[][] {
  const layers: Node[][] = [];
  const put = (node: Node) => {
    const layer = (layers[node.rank] ??= []);
    node.order = layer.length;
    layer.push(node);
  };
  const link = (from: Node, to: Node, port: number) => {
    const arc = { from, to, port };
    from.outs.push(arc);
    to.ins.push(arc);
  };
  const byRank = [...nodes].sort((a, b) => a.rank - b.rank);
  byRank.forEach(put);
  arcs.forEach(({ from, to, port }, index) => {
    let before = from;
    let exit = port;
    for (let level = from.rank + 1; level < to.rank; level += 1) {
      const dummy: Node = {
        id: `line ${index} ${level}`, width: DUMMY_WIDTH, height: 0, rank: level, x: 0, order: 0, dummy: true, ins: [], outs: [],
      };
      put(dummy);
      link(before, dummy, exit);
      before = dummy;
      exit = 0.5;
    }
    link(before, to, exit);
  });
  return Array.from(layers, (layer) => layer ?? []).filter((layer) => layer.length > 0);
}

/** Order within the layers, sweeping down and up by the mean place of the neighbours; the best of all sweeps stays. */
function order(layers: Node[][]): void {
  firstOrder(layers);
  let best = layers.map((layer) => [...layer]);
  let least = crossings(layers);
  for (let sweep = 0; sweep < SWEEPS && least > 0; sweep += 1) {
    const down = sweep % 2 === 0;
    const sequence = down ? layers.slice(1) : layers.slice(0, -1).reverse();
    for (const layer of sequence) {
      const places = new Map(
        layer.map((node) => {
          const seen = down
            ? node.ins.map((arc) => arc.from.order + arc.port * 0.9)
            : node.outs.map((arc) => arc.to.order - arc.port * 0.9);
          return [node, seen.length ? seen.reduce((sum, value) => sum + value, 0) / seen.length : node.order];
        }),
      );
      layer.sort((a, b) => (places.get(a) as number) - (places.get(b) as number) || a.order - b.order);
      layer.forEach((node, index) => (node.order = index));
    }
    const count = crossings(layers);
    if (count < least) {
      least = count;
      best = layers.map((layer) => [...layer]);
    }
  }
  best.forEach((layer, index) => {
    layers[index] = layer;
    layer.forEach((node, place) => (node.order = place));
  });
}

/** As somebody reads: from the starts along the exits, left to right. */
function firstOrder(layers: Node[][]): void {
  const seen = new Set<Node>();
  const fresh: Node[][] = layers.map(() => []);
  const levelOf = new Map(layers.flatMap((layer, level) => layer.map((node) => [node, level] as const)));
  const visit = (start: Node) => {
    const stack = [start];
    while (stack.length > 0) {
      const node = stack.pop() as Node;
      if (seen.has(node)) continue;
      seen.add(node);
      (fresh[levelOf.get(node) as number] as Node[]).push(node);
      const outs = [...node.outs].sort((a, b) => b.port - a.port);
      for (const { to } of outs) stack.push(to);
    }
  };
  for (const node of layers.flat()) if (node.ins.length === 0) visit(node);
  for (const node of layers.flat()) visit(node);
  fresh.forEach((layer, level) => {
    layers[level] = layer;
    layer.forEach((node, index) => (node.order = index));
  });
}

function crossings(layers: readonly Node[][]): number {
  let count = 0;
  for (const layer of layers) {
    const ends = layer
      .flatMap((node) => node.outs.map((arc) => [node.order + arc.port * 0.9, arc.to.order] as const))
      .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      .map(([, to]) => to);
    for (let i = 0; i < ends.length; i += 1) {
      for (let j = i + 1; j < ends.length; j += 1) if ((ends[i] as number) > (ends[j] as number)) count += 1;
    }
  }
  return count;
}

function place(layers: Node[][]): void {
  for (const layer of layers) {
    let x = 0;
    for (const node of layer) {
      node.x = x;
      x += node.width + GAP_X;
    }
  }
  for (let pass = 0; pass < 16; pass += 1) {
    const down = pass % 2 === 0;
    const sequence = down ? layers : [...layers].reverse();
    for (const layer of sequence) settle(layer, down ? wishFromAbove : wishFromBelow);
  }
  for (const layer of layers) settle(layer, wishFromBoth);
}

const middle = (node: Node) => node.x + node.width / 2;
const exitX = ({ from, port }: Arc) => from.x + from.width * port;

function mean(values: number[]): number | null {
  return values.length ? values.reduce((sum, value) => sum + value, 0) / values.length : null;
}

const wishFromAbove = (node: Node) => {
  const at = mean(node.ins.map(exitX));
  return at === null ? wishFromBelow(node) : at - node.width / 2;
};
const wishFromBelow = (node: Node): number =>
  mean(node.outs.map((arc) => middle(arc.to) - node.width * arc.port)) ?? node.x;
const wishFromBoth = (node: Node) =>
  mean([...node.ins.map((arc) => exitX(arc) - node.width / 2), ...node.outs.map((arc) => middle(arc.to) - node.width * arc.port)]) ?? node.x;

/** Nearest to everybody's wish in the given order without touching (least squares, pooling neighbours). */
function settle(layer: Node[], wish: (node: Node) => number): void {
  type Pool = { nodes: Node[]; sum: number; weight: number; width: number };
  const pools: Pool[] = [];
  for (const node of layer) {
    const weight = node.dummy ? 2 : 1;
    pools.push({ nodes: [node], sum: wish(node) * weight, weight, width: node.width + gapOf(node) });
    for (;;) {
      const last = pools.at(-1) as Pool;
      const before = pools.at(-2);
      if (!before || before.sum / before.weight + before.width <= last.sum / last.weight) break;
      pools.splice(-2, 2, {
        nodes: [...before.nodes, ...last.nodes],
        // The later ones' wishes, told as wishes of the pool's left edge.
        sum: before.sum + last.sum - before.width * last.weight,
        weight: before.weight + last.weight,
        width: before.width + last.width,
      });
    }
  }
  for (const pool of pools) {
    let x = pool.sum / pool.weight;
    for (const node of pool.nodes) {
      node.x = x;
      x += node.width + gapOf(node);
    }
  }
}

const gapOf = (node: Node) => (node.dummy ? GAP_X / 2 : GAP_X);
