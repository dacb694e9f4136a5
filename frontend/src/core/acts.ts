/** What happened around a conversation besides what was said, in words. Pure. */

export type Act = {
  kind: string;
  at: string;
  /** Who did it: a colleague, or a flow. */
  who: string;
  /** To whom or where: a colleague, or a queue. */
  to: string;
  /** A note, a reason, a disposition. */
  text: string;
  /** As long as the customer had waited. */
  seconds: number | null;
  /** An execution to look at. */
  sid: string | null;
};

const NOT_JOINED: Record<string, string> = {
  declined: "declined",
  unanswered: "did not answer",
  canceled: "is not asked any more",
  ended: "did not come before the end",
};

const WOKEN: Record<string, string> = {
  reply: "Back from parking: the customer wrote",
  timer: "Back from parking: the time was over",
  agent: "Taken back from parking",
};

const TEXTS: Record<string, (act: Act) => string> = {
  queued: ({ to }) => `Waiting ${to ? `in ${to}` : "for an agent"}`,
  moved: ({ to }) => (to ? `Moved to ${to}` : "Moved to another queue"),
  rejected: ({ who }) => `${who || "An agent"} rejected the offer`,
  missed: ({ who }) => `${who || "An agent"} missed the offer`,
  canceled: ({ text }) => `No agent is asked for any more${text ? `: ${text}` : ""}`,
  handed_back: ({ who }) => `${who || "The agent"} handed back to a flow`,
  joined: ({ who, seconds }) => `${who || "An agent"} joined${seconds !== null && seconds >= 60 ? ` after ${waited(seconds)}` : ""}`,
  supervisor_joined: ({ who }) => `${who || "A supervisor"} joined to help`,
  left: ({ who }) => `${who || "An agent"} left`,
  asked: ({ who, to, text }) => `${who || "The agent"} asked ${to || "a colleague"} to join${quoted(text)}`,
  transferred: ({ who, to, text }) => `${who || "The agent"} handed over to ${to || "a colleague"}${quoted(text)}`,
  not_joined: ({ who, text }) => `${who || "The colleague"} ${NOT_JOINED[text] ?? "did not join"}`,
  parked: ({ who, text }) => `${who ? `${who} parked it` : "Parked"}${quoted(text)}`,
  woken: ({ text }) => WOKEN[text] ?? "Back from parking",
  wrapped_up: ({ who, text }) => `${who || "The agent"} wrapped up${text ? `: ${text}` : ""}`,
  wrapped_up_by_time: ({ who, text }) => `The wrap-up${who ? ` of ${who}` : ""} ended with its time${text ? `: ${text}` : ""}`,
  flow: ({ who }) => (who ? `Flow ${who} began` : "A flow began"),
  flow_failed: ({ who, text }) => `${who ? `Flow ${who}` : "A flow"} failed${text ? `: ${text}` : ""}`,
  closed: () => "Closed",
};

function quoted(note: string): string {
  return note ? `: “${note}”` : "";
}

function waited(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** One line of words; of a kind that this page does not know yet, its name. */
export function actText(act: Act): string {
  return TEXTS[act.kind]?.(act) ?? act.kind.replaceAll("_", " ");
}

/** Whether it is a failure that somebody should look at. */
export function isTrouble({ kind }: Act): boolean {
  return kind === "flow_failed";
}

/**
 * Hands out acts by time: each call those before something that was said, that were not given yet. Times are whole
 * seconds: what happened in the same one led to an agent's words, and came of all others'; but a flow begins before it
 * speaks. Acts before `from` are left out: they stand beside what is not loaded.
 */
export function actsInTurn(acts: readonly Act[], from: string | null): (before: Dated | null) => Act[] {
  const start = from === null ? -Infinity : Date.parse(from);
  let at = acts.findIndex((act) => Date.parse(act.at) >= start);
  if (at < 0) at = acts.length;
  return (before) => {
    const end = before === null ? Infinity : Date.parse(before.date_created);
    const ledTo = ({ kind }: Act) => before?.source === "agent" || (before?.source === "flow" && kind === "flow");
    const isBefore = (act: Act) => Date.parse(act.at) < end || (Date.parse(act.at) === end && ledTo(act));
    const given = at;
    while (at < acts.length && isBefore(acts[at]!)) at += 1;
    return acts.slice(given, at);
  };
}

type Dated = { date_created: string; source?: string };
