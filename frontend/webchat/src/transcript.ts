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

/** The same as a page of its own: everything that people wrote is escaped, nothing of it runs. */
export function transcriptPage(timeline: Timeline, texts: Texts, title: string): string {
  const rows = entriesOf(timeline).map((entry) => {
    if (entry.kind === "note") return `<p class="note">${escaped(entry.text)}</p>`;
    if (entry.kind !== "message") return "";
    const name = entry.own ? texts.you : entry.authorName || texts.bot;
    const files = entry.media.map((media) => `<br>📎 ${escaped(media.filename || texts.attachment)}`).join("");
    const head = `<b>${escaped(name)}</b> <time>${escaped(entry.sentAt.toLocaleString())}</time>`;
    return `<div class="${entry.own ? "own" : "other"}"><p>${head}</p><p dir="auto">${escaped(entry.body).replace(/\n/g, "<br>")}${files}</p></div>`;
  });
  return `<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escaped(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}p{margin:.1rem 0}
div{padding:.6rem .9rem;margin:.6rem 0;border-radius:.8rem;background:#eef0f4;color:#111}.own{background:#dfe7ff;margin-inline-start:3rem}
.note{color:#666;text-align:center}time{color:#555;font-size:.8em}</style>
<h1>${escaped(title)}</h1>
${rows.join("\n")}
`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Hand `text` to the browser as a file to save. */
export function saveFile(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 1_000);
}
