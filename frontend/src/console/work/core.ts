/** What the work's screens decide; no markup, no requests. */
import type { Directory, DirectoryAgent, DirectoryQueue, Field, Transfer, Values, Work, WrapUp } from "./api";

export type Show = { search: string; unavailable: boolean; empty: boolean };

/** Whom the directory offers: what fits the search, and of the rest only what is asked for. */
export function shownOf(directory: Directory, { search, unavailable, empty }: Show): Directory {
  const words = search.trim().toLowerCase();
  const fits = ({ name }: { name: string }) => name.toLowerCase().includes(words);
  return {
    agents: directory.agents.filter((agent) => fits(agent) && (unavailable || agent.available)),
    queues: directory.queues.filter((queue) => fits(queue) && (empty || (queue.is_listed && queue.available > 0))),
  };
}

/** Why somebody cannot be asked now, or null. */
export function obstacle(agent: DirectoryAgent): string | null {
  if (agent.is_present) return "is here already";
  return agent.available ? null : agent.activity;
}

export function loadOf(agent: DirectoryAgent): string {
  const tasks = agent.open_tasks === 0 ? "no tasks" : agent.open_tasks === 1 ? "1 task" : `${agent.open_tasks} tasks`;
  return agent.available && !agent.has_room ? `${tasks}, full` : tasks;
}

export function queueLoadOf(queue: DirectoryQueue): string {
  const waiting = queue.waiting === 0 ? "nobody waits" : `${queue.waiting} waiting`;
  const free = queue.available === 0 ? "no agent available" : queue.available === 1 ? "1 agent available" : `${queue.available} agents available`;
  return `${waiting} · ${free}`;
}

const REASONS: Record<string, string> = {
  declined: "declined", unanswered: "did not answer", canceled: "was not asked any more", ended: "was not needed any more",
};

/** What became of a transfer, for who began it. */
export function outcomeOf(transfer: Transfer): string {
  const who = transfer.to_name || "The colleague";
  if (transfer.status === "failed") return `${who} ${REASONS[transfer.reason] ?? "did not come"}`;
  if (transfer.has_joined) return `${who} has joined`;
  return `Waiting for ${who}`;
}

/** The agent's own transfer that is still on its way, or null. */
export function pendingOf(work: Work | undefined): Transfer | null {
  return work?.transfers.find((transfer) => transfer.is_mine && transfer.status === "active") ?? null;
}

export function colleaguesOf(work: Work | undefined): string[] {
  return (work?.agents ?? []).filter(({ is_me }) => !is_me).map(({ name }) => name);
}

/** Labels of what is still missing before a wrap-up may be completed. */
export function missingOf(wrapUp: WrapUp, disposition: string, values: Values): string[] {
  if (wrapUp.mode === "optional") return [];
  const missing = wrapUp.needs_disposition && wrapUp.dispositions.length && !disposition ? ["Disposition"] : [];
  return [...missing, ...wrapUp.fields.filter((field) => field.required && isEmpty(field, values)).map(({ label }) => label)];
}

function isEmpty(field: Field, values: Values): boolean {
  const value = values[field.name];
  return field.type === "checkbox" ? value !== true : typeof value !== "string" || !value.trim();
}

export type WakeWhen = "reply" | "hour" | "hours" | "tomorrow" | "custom";

/** When a parked conversation wakes at the latest, in ISO, or undefined for "when the customer writes". `custom` as a datetime field writes it. */
export function wakeAt(when: WakeWhen, custom: string, now: Date): string | undefined {
  const at = new Date(now);
  if (when === "reply") return undefined;
  if (when === "hour") at.setHours(at.getHours() + 1);
  if (when === "hours") at.setHours(at.getHours() + 3);
  if (when === "tomorrow") {
    at.setDate(at.getDate() + 1);
    at.setHours(9, 0, 0, 0);
  }
  if (when === "custom") {
    const given = new Date(custom);
    return Number.isNaN(given.getTime()) ? undefined : given.toISOString();
  }
  return at.toISOString();
}
