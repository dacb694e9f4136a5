/** What of a text's formatting a channel does not carry, in the names that channels give it (`limits.strips`). */

const MARKS: Record<string, RegExp> = {
  bold: /\*\*[^*\n]+\*\*|(?<![\w*])\*[^*\s][^*\n]*\*(?![\w*])|__[^_\n]+__/,
  italic: /(?<![\w_])_[^_\s][^_\n]*_(?![\w_])/,
  lists: /^\s*(?:[-*•]|\d+[.)])\s+\S/m,
  "links with a text": /\[[^\]\n]+\]\([^)\s]+\)/,
};

/** The formats that stand in `text` and that the customer will see as plain signs. */
export function strippedFormats(text: string, strips: readonly string[]): string[] {
  return strips.filter((name) => MARKS[name]?.test(text));
}
