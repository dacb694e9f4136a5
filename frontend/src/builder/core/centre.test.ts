import { expect, it } from "vitest";

import { centreWithSomething } from "./centre";

const SIZE = { width: 800, height: 600 };
const CARD = { width: 200, height: 100 };

it.each([
  ["keeps the middle where a widget is in sight", [{ x: 250, y: 200, ...CARD }], { x: 0, y: 0 }],
  ["goes to the nearest widget where none is", [{ x: 900, y: 0, ...CARD }, { x: -700, y: 0, ...CARD }], { x: -600, y: 50 }],
  ["keeps the middle of an empty canvas", [], { x: 0, y: 0 }],
])("%s", (_, rects, expected) => {
  expect(centreWithSomething(rects, { x: 0, y: 0 }, SIZE)).toEqual(expected);
});
