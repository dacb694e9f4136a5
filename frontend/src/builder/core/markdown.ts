/** The little Markdown that notes are written in, as a tree: headings, lists, paragraphs, with emphasis, code and links. */

export type Span = { kind: "text" | "strong" | "em" | "code"; text: string } | { kind: "link"; text: string; href: string };
export type Block = { kind: "heading"; level: 1 | 2 | 3; spans: Span[] } | { kind: "list"; ordered: boolean; items: { spans: Span[]; done: boolean | null }[] } | { kind: "paragraph"; spans: Span[] };

const INLINE = /(`[^`]+`)|(\*\*[^*]+\*\*)|(\*[^*\s][^*]*\*|_[^_\s][^_]*_)|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)|(https?:\/\/[^\s<>)\]]+)/g;

export function spansOf(text: string): Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > at) spans.push({ kind: "text", text: text.slice(at, match.index) });
    const [whole, code, strong, em, label, href, bare] = match;
    if (code) spans.push({ kind: "code", text: code.slice(1, -1) });
    else if (strong) spans.push({ kind: "strong", text: strong.slice(2, -2) });
    else if (em) spans.push({ kind: "em", text: em.slice(1, -1) });
    else if (label && href) spans.push({ kind: "link", text: label, href });
    else if (bare) spans.push({ kind: "link", text: bare.replace(/^https?:\/\//, ""), href: bare });
    at = match.index + whole.length;
  }
  if (at < text.length) spans.push({ kind: "text", text: text.slice(at) });
  return spans;
}

export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    if (paragraph.length > 0) blocks.push({ kind: "paragraph", spans: spansOf(paragraph.join("\n")) });
    paragraph = [];
  };
  for (const line of markdown.split("\n")) {
    const heading = /^(#{1,3})\s+(.*)$/.exec(line);
    const item = /^\s*(?:([-*])|\d+[.)])\s+(?:\[([ xX])\]\s+)?(.*)$/.exec(line);
    if (heading) {
      flush();
      blocks.push({ kind: "heading", level: (heading[1] as string).length as 1 | 2 | 3, spans: spansOf(heading[2] as string) });
    } else if (item) {
      flush();
      const ordered = item[1] === undefined;
      const done = item[2] === undefined ? null : item[2] !== " ";
      const last = blocks.at(-1);
      const entry = { spans: spansOf(item[3] as string), done };
      if (last?.kind === "list" && last.ordered === ordered) last.items.push(entry);
      else blocks.push({ kind: "list", ordered, items: [entry] });
    } else if (line.trim()) paragraph.push(line);
    else flush();
  }
  flush();
  return blocks;
}
