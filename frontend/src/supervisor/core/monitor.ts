/** What was said, what colleagues said about it, and what happened, in one line after the other. Pure. */
import type { Message } from "../../api/types";
import { actsInTurn, type Act } from "../../core/acts";

export type Note = { sid: string; number: number; after_index: number; kind: "note" | "whisper"; author_name: string; body: string; media: unknown[]; date_created: string };

export type Line = Words | { key: string; kind: "acts"; acts: readonly Act[] };
export type Words = { key: string; kind: "customer" | "ours" | "note" | "whisper"; source: string; author: string; body: string; media: number; time: string };

type Said = Pick<Message, "sid" | "index" | "source" | "author_name" | "body" | "media" | "date_created">;

/** Notes stand behind the message that was the newest when they were written; acts by their time, `isCut`: not before the first message. */
export function merge(messages: readonly Said[], notes: readonly Note[], acts: readonly Act[] = [], isCut = false): Line[] {
  const first = messages[0]?.index ?? 0;
  const waiting = [...notes].filter((note) => note.after_index >= first - 1 || messages.length === 0).sort((a, b) => a.number - b.number);
  const lines: Line[] = [];
  const actsUntil = actsInTurn(acts, isCut ? (messages[0]?.date_created ?? null) : null);
  const addActs = (until: Parameters<typeof actsUntil>[0]) => {
    const given = actsUntil(until);
    if (given[0]) lines.push({ key: `${given[0].kind} ${given[0].at}`, kind: "acts", acts: given });
  };
  const take = (index: number) => {
    while (waiting[0] && waiting[0].after_index <= index) {
      addActs(waiting[0]);
      lines.push(lineOf(waiting.shift()!));
    }
  };
  take(first - 1);
  for (const message of messages) {
    addActs(message);
    lines.push({
      key: message.sid,
      kind: message.source === "customer" ? "customer" : "ours",
      source: message.source,
      author: message.author_name,
      body: message.body,
      media: message.media.length,
      time: message.date_created,
    });
    take(message.index);
  }
  take(Number.MAX_SAFE_INTEGER);
  addActs(null);
  return lines;
}

function lineOf(note: Note): Words {
  return { key: note.sid, kind: note.kind, source: note.kind, author: note.author_name, body: note.body, media: note.media.length, time: note.date_created };
}
