import { useMemo, type ReactNode } from "react";

import { blocksOf, type Block, type Span } from "../core/markdown";

function span(part: Span, index: number): ReactNode {
  switch (part.kind) {
    case "strong":
      return <strong key={index}>{part.text}</strong>;
    case "em":
      return <em key={index}>{part.text}</em>;
    case "code":
      return <code key={index}>{part.text}</code>;
    case "link":
      return (
        <a key={index} className="nodrag" href={part.href} target="_blank" rel="noreferrer noopener">
          {part.text}
        </a>
      );
    default:
      return part.text;
  }
}

function block(part: Block, index: number): ReactNode {
  if (part.kind === "heading") {
    // Headings of a note are no headings of the page.
    return (
      <p key={index} className={`note__heading note__heading--${part.level}`}>
        {part.spans.map(span)}
      </p>
    );
  }
  if (part.kind === "paragraph") return <p key={index}>{part.spans.map(span)}</p>;
  const items = part.items.map(({ spans, done }, place) => (
    <li key={place} className={done === null ? undefined : "note__task"}>
      {done !== null && <span>{done ? "☑ " : "☐ "}</span>}
      {spans.map(span)}
    </li>
  ));
  return part.ordered ? <ol key={index}>{items}</ol> : <ul key={index}>{items}</ul>;
}

/** A note's text: elements made one by one, so that nothing written in it can be markup of the page. */
export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  return <>{blocks.map(block)}</>;
}
