/** Finding conversations again (docs/contracts.md, `GET conversations`). */
import { api } from "../api/client";
import type { Earlier } from "../contacts/api";

export type Hit = Earlier & {
  customer_name: string;
  customer_address: string;
  agents: string[];
  found: { index: number; source: string; author: string; text: string } | null;
};

export type Filters = { q: string; channel: string; state: string; worker: string; period: string };

export const NO_FILTERS: Filters = { q: "", channel: "", state: "", worker: "", period: "" };

/** Days of each period, the present one included. */
export const PERIODS: Record<string, { label: string; days: number }> = {
  today: { label: "Today", days: 1 },
  week: { label: "Last 7 days", days: 7 },
  month: { label: "Last 30 days", days: 30 },
  year: { label: "Last 365 days", days: 365 },
};

/** When a period began: midnight here, so many days ago. */
export function beginOf(period: string, now: Date): string | undefined {
  const days = PERIODS[period]?.days;
  if (days === undefined) return undefined;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - (days - 1)).toISOString();
}

export function search(filters: Filters, pageToken?: string): Promise<{ conversations: Hit[]; next_page_token: string | null }> {
  const { q, channel, state, worker, period } = filters;
  return api.get("conversations", {
    query: {
      q: q || undefined,
      channel_type: channel || undefined,
      state: state || undefined,
      worker_sid: worker || undefined,
      date_from: beginOf(period, new Date()),
      page_token: pageToken,
    },
  });
}
