import type { FlowSummary } from "../api/types";

/** Flows whose name or addresses hold every word of the query, newest change first. */
export function matchingFlows(flows: readonly FlowSummary[], query: string): FlowSummary[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return flows
    .filter((flow) => {
      const text = [flow.friendly_name, flow.sid, ...flow.addresses].join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort((a, b) => b.date_updated.localeCompare(a.date_updated) || a.friendly_name.localeCompare(b.friendly_name));
}
