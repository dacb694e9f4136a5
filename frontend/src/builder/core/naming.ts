/** Names of widgets: what is allowed, and a free one. */

/** Letters, digits, `_` and `-`: everything a template can read as `widgets.NAME`. */
const VALID = /^[\p{L}_][\p{L}\p{N}_-]*$/u;

/** Why a name cannot be taken, in words for the person typing it; null when it can. */
export function nameProblem(name: string, taken: ReadonlySet<string>): string | null {
  if (!name) return "A widget needs a name.";
  if (!VALID.test(name)) return "Use letters, digits, _ and - only, and start with a letter.";
  if (taken.has(name)) return "Another widget of this flow has this name.";
  return null;
}

/** `wanted`, or `wanted_2`, `wanted_3` … : the first that nobody has. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/_\d+$/, "");
  for (let count = 2; ; count += 1) {
    const name = `${stem}_${count}`;
    if (!taken.has(name)) return name;
  }
}

const STEMS: Record<string, string> = {
  "send-message": "send_message",
  "send-and-wait-for-reply": "ask",
  "split-based-on": "split",
  "set-variables": "set_variables",
  "make-http-request": "http",
  "send-to-flex": "send_to_flex",
};

/** The name a fresh widget of a type starts with. */
export function stemOf(type: string): string {
  return STEMS[type] ?? type.replaceAll("-", "_");
}
