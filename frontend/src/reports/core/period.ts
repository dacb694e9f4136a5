/** Periods by the names people give them. Pure; days are `YYYY-MM-DD`. */
import type { Interval } from "../types";

export type Days = { from: string; to: string };

export const PRESETS = [
  { value: "today", label: "Today" },
  { value: "yesterday", label: "Yesterday" },
  { value: "7", label: "Last 7 days" },
  { value: "week", label: "This week" },
  { value: "last-week", label: "Last week" },
  { value: "30", label: "Last 30 days" },
  { value: "month", label: "This month" },
  { value: "custom", label: "Other days" },
] as const;

export type Preset = (typeof PRESETS)[number]["value"];

/** The day it is at a moment in a time zone. */
export function today(now: Date, zone: string): string {
  try {
    return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(now);
  } catch {
    return now.toISOString().slice(0, 10);
  }
}

export function shift(day: string, days: number): string {
  const moment = new Date(`${day}T12:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}

export function daysOf(preset: Preset, day: string, custom: Days): Days {
  const weekday = (new Date(`${day}T12:00:00Z`).getUTCDay() + 6) % 7;
  switch (preset) {
    case "today":
      return { from: day, to: day };
    case "yesterday":
      return { from: shift(day, -1), to: shift(day, -1) };
    case "7":
      return { from: shift(day, -6), to: day };
    case "week":
      return { from: shift(day, -weekday), to: day };
    case "last-week":
      return { from: shift(day, -weekday - 7), to: shift(day, -weekday - 1) };
    case "30":
      return { from: shift(day, -29), to: day };
    case "month":
      return { from: `${day.slice(0, 8)}01`, to: day };
    case "custom":
      return custom;
  }
}

/** Which intervals a period can be cut into without being all too fine. */
export function intervalsOf({ from, to }: Days): Interval[] {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days <= 1) return ["hour"];
  return [...(days <= 31 ? (["hour"] as const) : []), "day", "week", ...(days > 45 ? (["month"] as const) : [])];
}

/** A point's label: of an hour the time, else the day, in the point's own zone. */
export function labelOf(start: string, interval: Interval): string {
  if (interval === "hour") return `${start.slice(8, 10)}. ${start.slice(11, 16)}`;
  if (interval === "month") return start.slice(0, 7);
  return `${start.slice(8, 10)}.${start.slice(5, 7)}.`;
}
