/** The columns of the figures' table. Pure. */
import { durationText } from "../../routing/core/text";
import type { By, Row } from "../types";

export type Column = { key: keyof Row; label: string; text: (value: number | null) => string; by?: By[] };

const count = (value: number | null) => (value === null ? "–" : value.toLocaleString("en"));
const percent = (value: number | null) => (value === null ? "–" : `${Math.round(value)} %`);
const rating = (value: number | null) => (value === null ? "–" : value.toFixed(1));

export const COLUMNS: Column[] = [
  { key: "contacts", label: "Contacts", text: count },
  { key: "accepted", label: "Accepted", text: count },
  { key: "abandoned", label: "Abandoned", text: count, by: ["queue", "flow", "channel"] },
  { key: "abandoned_percent", label: "Abandoned, share", text: percent, by: ["queue", "flow", "channel"] },
  { key: "moved", label: "Moved on", text: count, by: ["queue"] },
  { key: "service_level_percent", label: "In time", text: percent },
  { key: "wait_avg", label: "Average wait", text: durationText },
  { key: "wait_max", label: "Longest wait", text: durationText },
  { key: "handle_avg", label: "Handle time", text: durationText },
  { key: "wrap_avg", label: "of it wrap-up", text: durationText },
  { key: "handle_total", label: "Worked", text: durationText, by: ["agent"] },
  { key: "transfers_in", label: "Transfers in", text: count },
  { key: "transfers_out", label: "Transfers out", text: count },
  { key: "offers", label: "Offers", text: count, by: ["agent"] },
  { key: "rejected", label: "Rejected", text: count, by: ["agent"] },
  { key: "missed", label: "Missed", text: count, by: ["agent"] },
  { key: "csat_avg", label: "Rating", text: rating },
  { key: "csat_answers", label: "Ratings", text: count },
];

export function columnsOf(by: By): Column[] {
  return COLUMNS.filter((column) => !column.by || column.by.includes(by));
}

/** Rows by a column, what has no value last. */
export function sorted(rows: readonly Row[], key: keyof Row, descending: boolean): Row[] {
  const sign = descending ? -1 : 1;
  return [...rows].sort((one, other) => {
    const [a, b] = [one[key], other[key]];
    if (typeof a === "string" && typeof b === "string") return sign * a.localeCompare(b);
    if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
    if (b === null || b === undefined) return -1;
    return sign * (Number(a) - Number(b));
  });
}
