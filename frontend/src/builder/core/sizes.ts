/**
 * How large a card is, from what stands on it. The canvas, the layout and the style sheet share these
 * numbers, so nothing has to be measured in the browser.
 */
import type { State } from "../../api/types";
import { exitsOf, type Catalogue } from "./model";
import { summaryOf } from "./summary";

export type Size = { width: number; height: number };

export const CARD = {
  width: 288,
  header: 48,
  /** A line of the summary, and what surrounds the lines. */
  line: 18,
  summaryPadding: 22,
  exits: 44,
  exitWidth: 94,
  charactersPerLine: 38,
  maxLines: 4,
} as const;

const cache = new WeakMap<State, { catalogue: Catalogue; size: Size }>();

/** Lines the text takes on the card, an estimate on the safe side. */
export function linesOf(text: string): number {
  const lines = text
    .trim()
    .split("\n")
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / CARD.charactersPerLine)), 0);
  return Math.min(CARD.maxLines, lines);
}

export function sizeOf(state: State, catalogue: Catalogue): Size {
  const cached = cache.get(state);
  if (cached && cached.catalogue === catalogue) return cached.size;
  const exits = exitsOf(state, catalogue).length;
  const summary = summaryOf(state);
  const lines = summary.rows.reduce((sum, row) => sum + (row.wrap ? linesOf(row.text) : 1), 0);
  const size = {
    width: Math.max(CARD.width, exits * CARD.exitWidth),
    height: CARD.header + (lines ? lines * CARD.line + CARD.summaryPadding : 0) + (exits ? CARD.exits : 0),
  };
  cache.set(state, { catalogue, size });
  return size;
}
