/** What was begun in a conversation: kept at every key, and the same in every tab. */
import { useEffect, useState } from "react";

import { draftMore, drafts, type Attached } from "../../core/storage";

export type Draft = {
  /** For colleagues, not for the customer. */
  note: boolean;
  text: string;
  media: readonly Attached[];
};

type Both = { note: boolean; texts: [message: string, note: string]; media: [message: readonly Attached[], note: readonly Attached[]] };

function read(sid: string): Both {
  const more = draftMore.read(sid);
  return { note: more.note, texts: [drafts.read(sid), more.noteText], media: [more.media, more.noteMedia] };
}

function write(sid: string, { note, texts, media }: Both): void {
  drafts.write(sid, texts[0]);
  draftMore.write(sid, { note, noteText: texts[1], media: media[0], noteMedia: media[1] });
}

/** The message and the note are kept apart, so that neither is ever sent as the other. */
export function useDraft(conversationSid: string) {
  const [both, setBoth] = useState(() => read(conversationSid));

  useEffect(
    // Who writes in one tab reads it in the other; only one of them has the focus at a time.
    () => drafts.onChange(conversationSid, () => !document.hasFocus() && setBoth(read(conversationSid))),
    [conversationSid],
  );

  const change = (next: (before: Both) => Both) =>
    setBoth((before) => {
      const after = next(before);
      write(conversationSid, after);
      return after;
    });
  const at = both.note ? 1 : 0;
  const replaced = <T,>(pair: readonly [T, T], value: T): [T, T] => (at ? [pair[0], value] : [value, pair[1]]);
  return {
    draft: { note: both.note, text: both.texts[at], media: both.media[at] } satisfies Draft,
    setText: (text: string) => change((before) => ({ ...before, texts: replaced(before.texts, text) })),
    setNote: (note: boolean) => change((before) => ({ ...before, note })),
    addMedia: (added: readonly Attached[]) =>
      change((before) => ({ ...before, media: replaced(before.media, [...before.media[at], ...added]) })),
    removeMedia: (sid: string) =>
      change((before) => ({ ...before, media: replaced(before.media, before.media[at].filter((file) => file.sid !== sid)) })),
    clear: () => change((before) => ({ ...before, texts: replaced(before.texts, ""), media: replaced(before.media, []) })),
  };
}
