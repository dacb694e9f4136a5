/** Find web and mail addresses in plain text. */

export type Part = { text: string; href: string | null };

const ADDRESS = /\b(?:https?:\/\/|www\.)[^\s<>"]+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b/gi;

/** Cut `text` into plain parts and addresses; joined again, the parts' texts are `text`. */
export function splitLinks(text: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const found = trimEnd(match[0]);
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null });
    parts.push({ text: found, href: hrefOf(found) });
    end = match.index + found.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}

/** The address as an absolute http(s) one below `base`, or null: nothing else is ever put into a link. */
export function safeUrl(url: string, base: string): string | null {
  try {
    const parsed = new URL(url, base);
    return parsed.protocol === "https:" || parsed.protocol === "http:" ? parsed.href : null;
  } catch {
    return null;
  }
}

function hrefOf(found: string): string | null {
  if (/^www\./i.test(found)) return safeUrl(`https://${found}`, "https://localhost");
  if (/^https?:/i.test(found)) return safeUrl(found, "https://localhost");
  return `mailto:${found}`;
}

/** A full stop or a bracket behind an address belongs to the sentence, unless the bracket was opened inside it. */
function trimEnd(address: string): string {
  let found = address;
  for (;;) {
    const last = found.at(-1) ?? "";
    const unopened = last === ")" && found.split(")").length > found.split("(").length;
    if (!/[.,;:!?'"\]}]/.test(last) && !unopened) return found;
    found = found.slice(0, -1);
  }
}
