/** The chat as a text file for the customer. */

import type { Timeline } from "./timeline";
import { entriesOf } from "./timeline";
import type { Texts } from "./texts";

/** One line a message: local date and time, author, text; attachments by name and address. */
export function transcriptText(timeline: Timeline, texts: Texts, title: string): string {
  const lines = [title, ""];
  for (const entry of entriesOf(timeline)) {
    if (entry.kind === "note") lines.push(`— ${entry.text} —`);
    if (entry.kind !== "message") continue;
    const name = entry.own ? texts.you : entry.authorName || texts.bot;
    lines.push(`[${entry.sentAt.toLocaleString()}] ${name}: ${entry.body}`);
    for (const media of entry.media) lines.push(`    ${media.filename ?? texts.attachment}: ${media.url}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Hand `text` to the browser as a file to save. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
