/** Times as people read them. Pure: the present is an argument. */

const STEPS: [number, Intl.RelativeTimeFormatUnit][] = [
  [60, "second"],
  [60, "minute"],
  [24, "hour"],
  [7, "day"],
  [4.35, "week"],
  [12, "month"],
  [Number.POSITIVE_INFINITY, "year"],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

/** `2 hours ago`; an empty text for a time that cannot be read. */
export function timeAgo(time: string, now: Date): string {
  const then = new Date(time).getTime();
  if (Number.isNaN(then)) return "";
  let amount = (then - now.getTime()) / 1000;
  if (Math.abs(amount) < 45) return "just now";
  for (const [size, unit] of STEPS) {
    if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
    amount /= size;
  }
  return "";
}

const absolute = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function fullTime(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "" : absolute.format(date);
}
