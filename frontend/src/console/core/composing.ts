/** What the composer says of a text before it is sent: whether it can be, and what will become of it. */
import type { Limits } from "../../api/console-types";
import { strippedFormats } from "./formatting";
import { segmentsOf } from "./sms";
import { unfilled } from "./variables";

const OUR_BOUND: Record<string, number> = { sms: 1_600, whatsapp: 1_600 };
const NO_CHANNEL_BOUND = 16_000;
const COUNT_FROM = 0.75;

export type Verdict = { refusal: string | null; hints: string[] };

/** How many characters a message may have. */
export function mostCharacters(channel: string, limits: Limits | null | undefined): number {
  return Math.min(limits?.max_body ?? NO_CHANNEL_BOUND, OUR_BOUND[channel] ?? NO_CHANNEL_BOUND);
}

export function judge(text: string, channel: string, limits: Limits | null | undefined, note: boolean): Verdict {
  const trimmed = text.trim();
  const empty = unfilled(trimmed);
  if (note) return { refusal: trimmed.length > NO_CHANNEL_BOUND ? `${trimmed.length - NO_CHANNEL_BOUND} characters too long` : null, hints: [] };
  const most = mostCharacters(channel, limits);
  const hints: string[] = [];
  if (channel === "sms" && trimmed) {
    const { encoding, units, count, left, culprit } = segmentsOf(trimmed);
    hints.push(`${units} ${encoding === "GSM-7" ? "characters" : "units"} · ${count} SMS · ${left} left · ${encoding}`);
    if (culprit !== null) hints.push(`“${culprit}” is not in the SMS alphabet: a part holds 70 characters instead of 160`);
  } else if (trimmed.length > most * COUNT_FROM) {
    hints.push(`${trimmed.length} of ${most} characters`);
  }
  const stripped = strippedFormats(trimmed, limits?.strips ?? []);
  if (stripped.length) hints.push(`The customer sees plain signs for: ${stripped.join(", ")}`);
  if (trimmed.length > most) return { refusal: `${trimmed.length - most} characters too long`, hints };
  if (empty.length) return { refusal: `Fill in ${empty.join(", ")} before you send`, hints };
  return { refusal: null, hints };
}

/** Put a text where the caret is, in place of what is selected; the caret stands behind it. */
export function insertAt(text: string, inserted: string, from: number, to: number): { text: string; caret: number } {
  return { text: text.slice(0, from) + inserted + text.slice(to), caret: from + inserted.length };
}
