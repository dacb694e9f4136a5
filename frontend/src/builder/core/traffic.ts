/** Counts of a period put on the diagram: how often each link was taken, who left and who waits at each widget. */
import type { Definition } from "../../api/types";
import { keysOf, linksOf } from "./model";

export type TrafficAnswer = {
  from: string;
  to: string;
  executions: number;
  active: number;
  failed: number;
  is_capped: boolean;
  exits: { widget: string; event: string; to: string; count: number }[];
  waiting: { widget: string; count: number }[];
};

/** `share` is of all that left the widget, 0 to 1. */
export type Flow = { count: number; share: number };
/** `ended`: left by an exit that leads nowhere; `waiting`: stands there now. */
export type Visits = { visits: number; ended: number; waiting: number; dropOff: number };
export type TrafficView = {
  links: ReadonlyMap<string, Flow>;
  widgets: ReadonlyMap<string, Visits>;
  executions: number;
};

const ENDED = "Ended";

export function trafficView(definition: Definition, answer: TrafficAnswer): TrafficView {
  const left = new Map<string, number>();
  const ended = new Map<string, number>();
  const taken = new Map<string, number>();
  for (const { widget, event, to, count } of answer.exits) {
    left.set(widget, (left.get(widget) ?? 0) + count);
    if (to === ENDED) ended.set(widget, (ended.get(widget) ?? 0) + count);
    taken.set(`${widget}\n${event}\n${to}`, count);
  }
  const waiting = new Map(answer.waiting.map(({ widget, count }) => [widget, count]));
  const links = new Map<string, Flow>();
  const states = new Map(keysOf(definition).map((key, index) => [key, definition.states[index]]));
  for (const link of linksOf(definition)) {
    const transition = states.get(link.source)?.transitions[Number(link.exit.slice(1))];
    const way = `${link.source}\n${transition?.event ?? ""}\n${link.target}`;
    const count = taken.get(way) ?? 0;
    // Two exits of one event to one widget cannot be told apart: the first shows what both had.
    taken.delete(way);
    links.set(link.id, { count, share: count / Math.max(1, left.get(link.source) ?? 0) });
  }
  const widgets = new Map<string, Visits>();
  for (const key of states.keys()) {
    const stays = waiting.get(key) ?? 0;
    const visits = (left.get(key) ?? 0) + stays;
    const gone = ended.get(key) ?? 0;
    widgets.set(key, { visits, ended: gone, waiting: stays, dropOff: gone / Math.max(1, visits) });
  }
  return { links, widgets, executions: answer.executions };
}

/** The class that a link's share is drawn with. */
export function heatOf(share: number): string {
  if (share <= 0) return "heat--none";
  return share < 0.15 ? "heat--1" : share < 0.4 ? "heat--2" : share < 0.7 ? "heat--3" : "heat--4";
}

export function countText(count: number): string {
  return count < 10_000 ? String(count) : `${(count / 1000).toFixed(count < 100_000 ? 1 : 0)} k`;
}

export function shareText(share: number): string {
  if (share > 0 && share < 0.005) return "<1 %";
  return `${Math.round(share * 100)} %`;
}
