/** The period that is played again. Pure. */

/** By hours back from now. */
export const PERIODS = [
  { value: "24", label: "The last 24 hours" },
  { value: "1", label: "The last hour" },
  { value: "168", label: "The last 7 days" },
  { value: "720", label: "The last 30 days" },
];

const MOST_MS = 31 * 86_400_000;

export function periodProblem(start: string, end: string): string | null {
  const from = new Date(start).getTime();
  const to = new Date(end).getTime();
  if (Number.isNaN(from) || Number.isNaN(to)) return "Fill in both times.";
  if (to <= from) return "The end must be after the start.";
  return to - from > MOST_MS ? "At most 31 days." : null;
}

/** A time as a `datetime-local` field takes it, in the browser's time zone. */
export function localText(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
