/** Opening hours as they are edited and read. Pure. */
import type { Calendar, OwnDate, Period, WeeklyPeriod } from "../types";

export const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"] as const;

export type CalendarDraft = Pick<Calendar, "name" | "time_zone" | "weekly" | "country" | "subdivision" | "dates">;

export function emptyCalendar(timeZone: string): CalendarDraft {
  const weekly = [0, 1, 2, 3, 4].map((day) => ({ day, from: "09:00", to: "17:00" }));
  return { name: "", time_zone: timeZone, weekly, country: "", subdivision: "", dates: [] };
}

export function draftOfCalendar(calendar: Calendar): CalendarDraft {
  const { name, time_zone, weekly, country, subdivision, dates } = calendar;
  return { name, time_zone, weekly, country, subdivision, dates };
}

export function periodsOf(weekly: readonly WeeklyPeriod[], day: number): Period[] {
  return weekly.filter((period) => period.day === day).map(({ from, to }) => ({ from, to }));
}

export function withDay(weekly: readonly WeeklyPeriod[], day: number, periods: readonly Period[]): WeeklyPeriod[] {
  const others = weekly.filter((period) => period.day !== day);
  return [...others, ...periods.map((period) => ({ day, ...period }))].sort((a, b) => a.day - b.day);
}

/** The period to add after the ones there are: an hour later, two hours long, inside the day. */
export function nextPeriod(periods: readonly Period[]): Period {
  const last = periods.at(-1);
  if (!last) return { from: "09:00", to: "17:00" };
  const from = Math.min(minutesOf(last.to) + 60, 23 * 60);
  return { from: clockText(from), to: clockText(Math.min(from + 120, 24 * 60)) };
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
}

function clockText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

export function periodsText(periods: readonly Period[]): string {
  return periods.length === 0 ? "Closed" : periods.map(({ from, to }) => `${from}–${to}`).join(", ");
}

function periodsProblem(periods: readonly Period[]): string | null {
  const sorted = [...periods].sort((a, b) => a.from.localeCompare(b.from));
  for (const [index, { from, to }] of sorted.entries()) {
    if (!/^\d\d:\d\d$/.test(from) || !/^\d\d:\d\d$/.test(to)) return "Fill in both times.";
    if (from >= to) return "The end must be after the start. A night is two periods: until 24:00, and from 00:00 the next day.";
    const before = sorted[index - 1];
    if (before && before.to > from) return "These periods overlap.";
  }
  return null;
}

/** What keeps a calendar from being saved: by `name`, `time_zone`, `day0`…`day6`, `date0`…. */
export function calendarProblems(draft: CalendarDraft): Record<string, string> {
  const problems: Record<string, string> = {};
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(draft.name)) problems.name = "Letters, digits and _ only, beginning with a letter: expressions and flows use this name.";
  if (!draft.time_zone) problems.time_zone = "Choose the time zone of these hours.";
  DAYS.forEach((_, day) => {
    const problem = periodsProblem(periodsOf(draft.weekly, day));
    if (problem) problems[`day${day}`] = problem;
  });
  draft.dates.forEach((own, index) => {
    const problem = own.date ? periodsProblem(own.periods) : "Choose the date.";
    if (problem) problems[`date${index}`] = problem;
    else if (draft.dates.findIndex(({ date }) => date === own.date) < index) problems[`date${index}`] = "This date is above already.";
  });
  return problems;
}

/** `Mon–Fri 09:00–17:00 · Sat 10:00–14:00`: neighbouring days with the same periods together. */
export function weekText(weekly: readonly WeeklyPeriod[]): string {
  const short = DAYS.map((name) => name.slice(0, 3));
  const runs: { from: number; to: number; text: string }[] = [];
  DAYS.forEach((_, day) => {
    const periods = periodsOf(weekly, day);
    if (periods.length === 0) return;
    const text = periodsText(periods);
    const last = runs.at(-1);
    if (last && last.to === day - 1 && last.text === text) last.to = day;
    else runs.push({ from: day, to: day, text });
  });
  if (runs.length === 0) return "Never open";
  return runs.map(({ from, to, text }) => `${short[from]}${to > from ? `–${short[to]}` : ""} ${text}`).join(" · ");
}

export function newDate(): OwnDate {
  return { date: "", name: "", periods: [] };
}
