/** Which widgets a search shows, and in which order. */
import type { CatalogueWidget } from "../../api/types";
import { fuzzyScore } from "../core/search";

/** Everything that can be added: a flow has its one trigger already. Best match first, else as the catalogue lists them. */
export function matching(widgets: readonly CatalogueWidget[], query: string): CatalogueWidget[] {
  const offered = widgets.filter((widget) => widget.type !== "trigger");
  if (!query.trim()) return offered;
  return offered
    .map((widget) => ({
      widget,
      score: Math.max(
        fuzzyScore(query, widget.title),
        fuzzyScore(query, widget.type) * 0.9,
        widget.description.toLowerCase().includes(query.trim().toLowerCase()) ? 15 : 0,
      ),
    }))
    .filter(({ score }) => score > 5)
    .sort((a, b) => b.score - a.score)
    .map(({ widget }) => widget);
}

const TITLES: Record<string, string> = {
  messaging: "Messages",
  logic: "Logic",
  integrations: "Integrations",
  agents: "Agents",
  voice: "Voice",
  legacy: "Legacy",
};

/** How a group of the catalogue is called on the screen. */
export function groupTitle(group: string): string {
  return TITLES[group] ?? group.charAt(0).toUpperCase() + group.slice(1);
}

export type Group = { group: string; widgets: CatalogueWidget[] };

/** Groups in the order above, others after them in order of appearance. */
export function groupsOf(widgets: readonly CatalogueWidget[]): Group[] {
  const groups = new Map<string, CatalogueWidget[]>();
  for (const widget of widgets) groups.set(widget.group, [...(groups.get(widget.group) ?? []), widget]);
  const listed = [...groups].map(([group, members]) => ({ group, widgets: members }));
  const place = (group: Group) => {
    const index = Object.keys(TITLES).indexOf(group.group);
    return index < 0 ? 99 : index;
  };
  return listed.sort((a, b) => place(a) - place(b));
}
