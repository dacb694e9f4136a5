import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Definition } from "../../api/types";
import { CATALOGUE, state, story } from "../../testing/catalogue";
import { haveSharedFlows, sharedFlows } from "../../testing/shared-flows";
import { layered, type Box, type Line } from "./layered";
import { aligned, apart, arrange, rectsOf, settled, type Rect } from "./layout";
import { stateOf } from "./model";

function overlaps(rects: readonly Rect[]): string[] {
  return rects.flatMap((a, i) =>
    rects.slice(i + 1).flatMap((b) => (a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height ? [`${a.id}/${b.id}`] : [])),
  );
}

function withoutOffsets(definition: Definition): unknown {
  return { ...definition, states: definition.states.map((one) => ({ ...one, properties: { ...one.properties, offset: null } })) };
}

describe("layered", () => {
  it("draws from top to bottom, exits from left to right", () => {
    const boxes: Box[] = ["a", "right", "left"].map((id) => ({ id, width: 100, height: 50 }));
    const lines: Line[] = [
      { source: "a", target: "left", port: 0.25 },
      { source: "a", target: "right", port: 0.75 },
    ];
    const spots = layered(boxes, lines, "a");

    expect(spots.get("left")!.y).toBeGreaterThan(spots.get("a")!.y);
    expect(spots.get("left")!.y).toBe(spots.get("right")!.y);
    expect(spots.get("left")!.x).toBeLessThan(spots.get("right")!.x);
  });

  it("never lets two boxes touch, whatever the graph", () => {
    const graph = fc.record({
      sizes: fc.array(fc.record({ width: fc.integer({ min: 80, max: 700 }), height: fc.integer({ min: 40, max: 200 }) }), { minLength: 1, maxLength: 24 }),
      ends: fc.array(fc.record({ from: fc.nat(23), to: fc.nat(23), port: fc.double({ min: 0, max: 1, noNaN: true }) }), { maxLength: 60 }),
    });
    fc.assert(
      fc.property(graph, ({ sizes, ends }) => {
        const boxes = sizes.map((size, index) => ({ id: `n${index}`, ...size }));
        const lines = ends.map(({ from, to, port }) => ({ source: `n${from % boxes.length}`, target: `n${to % boxes.length}`, port }));
        const spots = layered(boxes, lines, "n0");

        expect(spots.size).toBe(boxes.length);
        expect(overlaps(boxes.map((box) => ({ ...box, ...spots.get(box.id)! })))).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe("arrange", () => {
  it("changes offsets only", () => {
    const before = story();
    expect(withoutOffsets(arrange(before, CATALOGUE))).toEqual(withoutOffsets(before));
  });

  it("lays out a part where it was and leaves the rest alone", () => {
    const after = arrange(story(), CATALOGUE, ["split", "thanks"]);
    expect(stateOf(after, "ask")?.properties.offset).toEqual({ x: 0, y: 200 });
    expect(stateOf(after, "split")?.properties.offset).toMatchObject({ y: 400 });
  });
});

describe("settled", () => {
  it("lays out a definition without places", () => {
    const bare = { ...story(), states: story().states.map((one) => ({ ...one, properties: { body: "x" } })) };
    expect(overlaps(rectsOf(settled(bare, CATALOGUE), CATALOGUE))).toEqual([]);
  });

  it("is the very same definition when nothing has to move", () => {
    const tidy = arrange(story(), CATALOGUE);
    expect(settled(tidy, CATALOGUE)).toBe(tidy);
  });

  it("gives a place to the one widget without", () => {
    const placed = arrange(story(), CATALOGUE);
    const lost = { ...placed, states: [...placed.states, { ...state("new", "send-message"), properties: {} }] };
    const after = settled(lost, CATALOGUE);

    expect(after.states.at(-1)?.properties.offset).toBeDefined();
    expect(overlaps(rectsOf(after, CATALOGUE))).toEqual([]);
  });

  it.runIf(haveSharedFlows)("shows every real flow without overlaps, changing nothing but offsets", () => {
    for (const { name, definition } of sharedFlows()) {
      const opened = settled(definition, CATALOGUE);
      expect(overlaps(rectsOf(opened, CATALOGUE)), name).toEqual([]);
      expect(withoutOffsets(opened), name).toEqual(withoutOffsets(definition));
      expect(overlaps(rectsOf(arrange(definition, CATALOGUE), CATALOGUE)), name).toEqual([]);
    }
  });
});

describe("apart", () => {
  it("separates any pile of rectangles", () => {
    const rect = fc.record({ x: fc.integer({ min: 0, max: 600 }), y: fc.integer({ min: 0, max: 600 }), width: fc.integer({ min: 50, max: 400 }), height: fc.integer({ min: 50, max: 200 }) });
    fc.assert(
      fc.property(fc.array(rect, { maxLength: 14 }), (rects) => {
        expect(overlaps(apart(rects.map((one, index) => ({ id: String(index), ...one }))))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe("aligned", () => {
  const rect = (id: string, x: number, y: number, height: number): Rect => ({ id, x, y, width: 200, height });
  const scattered = [rect("ask", 30, 200, 120), rect("split", -50, 700, 90), rect("thanks", 90, 900, 60)];

  it("puts left edges in line", () => {
    expect([...aligned(scattered, "left")]).toEqual([["ask", { x: -50, y: 200 }], ["split", { x: -50, y: 700 }], ["thanks", { x: -50, y: 900 }]]);
  });

  it("spreads evenly", () => {
    expect([...aligned(scattered, "down")]).toEqual([["ask", { x: 30, y: 200 }], ["split", { x: -50, y: 565 }], ["thanks", { x: 90, y: 900 }]]);
  });

  it("leaves one alone", () => {
    expect([...aligned(scattered.slice(0, 1), "top")]).toEqual([]);
  });
});
