import { Fragment } from "react";

/** A name or path that may go on in the next line after its dots, dashes and underscores, rather than within a word. */
export function Breakable({ text }: { text: string }) {
  return text.split(/(?<=[._-])(?=.)/).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
