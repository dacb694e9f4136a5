/** Colleagues who have the same conversation on their screens, by what they say of themselves; nothing of it is stored. */

export type Colleague = {
  readonly userSid: string;
  readonly name: string;
  readonly does: "looking" | "writing";
  /** When (local ms) they last said so. */
  readonly at: number;
};

export type Said = Omit<Colleague, "does"> & { readonly does: Colleague["does"] | "gone" };

/** Who writes says so every three seconds, who looks every fifteen. */
export const WRITES_MS = 7_000;
const SILENT_MS = 40_000;

export function colleagueOf(event: Record<string, unknown>, now: number): Said | null {
  const { user_sid: userSid, name, does } = event;
  if (typeof userSid !== "string" || typeof name !== "string") return null;
  return does === "looking" || does === "writing" || does === "gone" ? { userSid, name, does, at: now } : null;
}

export function hearColleague(known: readonly Colleague[], said: Said): readonly Colleague[] {
  const rest = known.filter(({ userSid }) => userSid !== said.userSid);
  const { does } = said;
  if (does === "gone") return rest.length === known.length ? known : rest;
  return [...rest, { ...said, does }].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Their names: who writes to the customer now, and who has the conversation open (those who write among them). */
export function namesOf(known: readonly Colleague[] = [], now: number): { writing: string[]; here: string[] } {
  const here = known.filter(({ at }) => now - at < SILENT_MS);
  const writing = here.filter(({ does, at }) => does === "writing" && now - at < WRITES_MS);
  return { writing: writing.map(({ name }) => name), here: here.map(({ name }) => name) };
}

/** "Ben", "Ben and Cid", "Ben, Cid and Dot". */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
