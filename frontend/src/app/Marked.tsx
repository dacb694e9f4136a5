/** A text with the searched words marked, in any case. */
export function Marked({ text, words }: { text: string; words: string }) {
  if (!words) return text;
  const parts = [];
  const wanted = words.toLowerCase();
  let from = 0;
  // Some letters change their number in lower case; then nothing is marked rather than the wrong thing.
  const lower = text.toLowerCase().length === text.length ? text.toLowerCase() : text;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + wanted.length)}</mark>);
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}
