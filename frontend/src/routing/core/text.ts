/** Routing's figures and verdicts in words for people who do not program. Pure. */

/** `45 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`; a dash without a number. */
export function durationText(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  const whole = Math.max(0, Math.round(seconds));
  const units: [string, number][] = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]];
  const first = units.findIndex(([, size]) => whole >= size);
  if (first < 0) return "0 s";
  const [name, size] = units[first]!;
  const next = units[first + 1];
  const rest = next ? Math.floor((whole % size) / next[1]) : 0;
  return `${Math.floor(whole / size)} ${name}${next && rest ? ` ${rest} ${next[0]}` : ""}`;
}

export function countText(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

type Words = { one: string; many: string };

const VERDICTS: Record<string, Words> = {
  chosen: { one: "was chosen", many: "were chosen" },
  behind: { one: "could take it, others come first", many: "could take it, others come first" },
  not_the_worker: { one: "is not the agent this task is meant for", many: "are not the agent this task is meant for" },
  queue: { one: "does not belong to this queue (skills)", many: "do not belong to this queue (skills)" },
  target_expression: { one: "does not match what this step asks for", many: "do not match what this step asks for" },
  activity: { one: "is not available at the moment", many: "are not available at the moment" },
  channel: { one: "has this channel switched off", many: "have this channel switched off" },
  capacity: { one: "has no room for another task on this channel", many: "have no room for another task on this channel" },
  refused: { one: "has just rejected this task", many: "have just rejected this task" },
  reserved: { one: "has already been offered this task", many: "have already been offered this task" },
};

/** `3 agents are not available at the moment`. */
export function verdictCountText(verdict: string, number: number): string {
  const words = VERDICTS[verdict];
  return `${countText(number, "agent")} ${words ? (number === 1 ? words.one : words.many) : verdict}`;
}

/** `is not available at the moment`, to follow a name. */
export function verdictText(verdict: string): string {
  return VERDICTS[verdict]?.one ?? verdict;
}

const OUTCOMES: Record<string, string> = {
  reserved: "Offered",
  waiting: "Nobody could take it",
  skipped: "Step skipped",
  timed_out: "Step’s time was over",
  canceled: "Canceled",
};

export function outcomeText(outcome: string): string {
  return OUTCOMES[outcome] ?? outcome;
}

const STATUSES: Record<string, string> = {
  pending: "Waiting",
  reserved: "Offered",
  assigned: "With an agent",
  wrapping: "Wrapping up",
  completed: "Completed",
  canceled: "Canceled",
};

export function statusText(status: string): string {
  return STATUSES[status] ?? status;
}

/** What an expression matches right now, for under its field. Empty when there is nothing to count. */
export function matchText(check: { workers: number | null; tasks: number | null; tasks_seen: number }): string {
  const parts: string[] = [];
  if (check.workers !== null) parts.push(countText(check.workers, "worker"));
  if (check.tasks !== null) {
    parts.push(check.tasks_seen === 0 ? "no task has been seen yet" : `${check.tasks} of the last ${countText(check.tasks_seen, "task")}`);
  }
  if (parts.length === 1 && check.workers === null && check.tasks_seen === 0) return "No task has been seen yet";
  return parts.length > 0 ? `Matches ${parts.join(" and ")}` : "";
}
