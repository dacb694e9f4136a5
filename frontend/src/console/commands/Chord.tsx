import { Kbd } from "@mantine/core";

import { keysOf } from "../core/commands";

const isMac = /mac|iphone|ipad/i.test(navigator.userAgent);

/** The keys of a chord, or a dash where a command has none. */
export function Chord({ chord }: { chord: string | null }) {
  if (!chord) return <>–</>;
  return keysOf(chord, isMac).map((key, at) => (
    <span key={key}>
      {at > 0 && " + "}
      <Kbd>{key}</Kbd>
    </span>
  ));
}

/** The same as a text, for the inside of a button. */
export function chordText(chord: string | null): string {
  return chord ? keysOf(chord, isMac).join(" + ") : "–";
}
