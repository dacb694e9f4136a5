/** Finding in a flow: names, types, texts, variables and conditions, every word of the query somewhere. */
import type { Definition } from "../../api/types";
import { keysOf, type Catalogue } from "./model";
import { textsOf } from "./references";

export type Hit = { key: string; title: string; excerpt: string };

function excerptOf(text: string, word: string): string {
  const flat = text.replace(/\s+/g, " ").trim();
  const at = flat.toLowerCase().indexOf(word);
  const from = Math.max(0, at - 24);
  const cut = flat.slice(from, from + 96);
  return `${from > 0 ? "…" : ""}${cut}${from + 96 < flat.length ? "…" : ""}`;
}

export function findInFlow(definition: Definition, catalogue: Catalogue, query: string): Hit[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const first = words[0];
  if (first === undefined) return [];
  const texts = new Map<string, string[]>();
  for (const { key, text } of textsOf(definition)) texts.set(key, [...(texts.get(key) ?? []), text]);
  const keys = keysOf(definition);
  return definition.states.flatMap((state, index) => {
    const key = keys[index] as string;
    const title = catalogue.get(state.type)?.title ?? state.type;
    const own = texts.get(key) ?? [];
    const haystack = [state.name, state.type, title, ...own].join("\n").toLowerCase();
    if (!words.every((word) => haystack.includes(word))) return [];
    const text = own.find((candidate) => candidate.toLowerCase().includes(first));
    return [{ key, title: state.name, excerpt: text === undefined ? title : excerptOf(text, first) }];
  });
}

/** 0 is no match; more is better. Letters of the query in order, whole words and starts first. */
export function fuzzyScore(query: string, text: string): number {
  const wanted = query.trim().toLowerCase();
  const given = text.toLowerCase();
  if (!wanted) return 1;
  const at = given.indexOf(wanted);
  if (at === 0) return 100;
  if (at > 0) return /[\s\-_&]/.test(given[at - 1] as string) ? 80 : 60;
  let position = 0;
  let gaps = 0;
  for (const letter of wanted) {
    const found = given.indexOf(letter, position);
    if (found < 0) return 0;
    gaps += found - position;
    position = found + 1;
  }
  return Math.max(1, 40 - gaps);
}
