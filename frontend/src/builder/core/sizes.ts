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
  charactersPerLine: 34.5,
  maxLines: 4,
} as const;

const cache = new WeakMap<State, { catalogue: Catalogue; size: Size }>();

/** How wide letters are, seen from the usual one. */
function widthOf(letter: string): number {
  if (/[iljft.,:;'|!()[\]]/.test(letter)) return 0.62;
  if (/[mwMW@%]/.test(letter)) return 1.5;
  // Other scripts' letters, signs and emoji are about twice as wide.
  return letter > "\u2e7f" ? 2 : /[A-Z{}]/.test(letter) ? 1.15 : 1;
}

/** Where a browser may break a line: after blanks, hyphens and closing braces. */
const PIECES = /[^\s\-}]*(?:\s+|-+|}+|$)/g;

function wrapped(line: string): number {
  let lines = 1;
  let used = 0;
  for (const [piece] of line.matchAll(PIECES)) {
    const word = [...piece.trimEnd()].reduce((sum, letter) => sum + widthOf(letter), 0);
    if (used > 0 && used + word > CARD.charactersPerLine) {
      lines += 1;
      used = 0;
    }
    // A word longer than a line is broken anywhere.
    if (word > CARD.charactersPerLine) lines += Math.ceil(word / CARD.charactersPerLine) - 1;
    used = word > CARD.charactersPerLine ? word % CARD.charactersPerLine : used + word;
    used += (piece.length - piece.trimEnd().length) * 0.6;
  }
  return lines;
}

/** Lines the text takes on the card when it is broken between words, an estimate on the safe side. */
export function linesOf(text: string): number {
  const lines = text.trim().split("\n").reduce((sum, line) => sum + (line ? wrapped(line) : 1), 0);
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
