/** Two revisions in one drawing: the later one, with what it lost still in its old place, and a mark on all that differs. */
import type { Definition, Json, State } from "../../api/types";
import { diffOf, type Difference } from "./diff";
import { exitsOf, keysOf, linksOf, type Catalogue, type Link } from "./model";
import { notesOf, noteKey } from "./notes";
import type { Trace } from "./trace";

export type Comparison = {
  difference: Difference;
  /** What is drawn: the later definition and the widgets that are gone. */
  drawn: Definition;
  trace: Trace;
  /** The widgets that differ, in the order in which they are read. */
  keys: string[];
};

export function compare(before: Definition, after: Definition, catalogue: Catalogue): Comparison {
  const difference = diffOf(before, after);
  const gone = new Set(difference.removed);
  const ghosts = before.states.filter((_, index) => gone.has(keysOf(before)[index] as string));
  const lostNotes = notesOf(before).filter((note) => difference.notes.some(({ key, kind }) => kind === "removed" && key === noteKey(note.id)));
  const notes = [...notesOf(after), ...lostNotes];
  const drawn: Definition = { ...after, states: [...after.states, ...ghosts], ...(notes.length > 0 ? { notes: notes as unknown as Json } : {}) };
  const widgets = new Map<string, string>();
  for (const key of keysOf(after)) widgets.set(key, "diff--same");
  for (const key of difference.added) widgets.set(key, "diff--added");
  for (const { key } of difference.changed) widgets.set(key, "diff--changed");
  for (const key of difference.removed) widgets.set(key, "diff--removed");
  for (const note of notesOf(after)) widgets.set(noteKey(note.id), "diff--same");
  for (const { key, kind } of difference.notes) widgets.set(key, `diff--${kind}`);
  const { links, lost } = compareLinks(before, after, drawn, catalogue);
  const keys = [...keysOf(drawn), ...notes.map((note) => noteKey(note.id))].filter((key) => widgets.get(key) !== "diff--same");
  return {
    difference,
    drawn,
    keys,
    // It opens at the first difference, where not all can be seen at once.
    trace: { kind: "diff", widgets: new Set(), links: new Set(), current: keys[0] ?? null, marks: new Map([...widgets, ...links]), lost },
  };
}

/** A link is the same where the same exit leads to the same widget; exits are told apart by event and condition. */
function compareLinks(before: Definition, after: Definition, drawn: Definition, catalogue: Catalogue): { links: Map<string, string>; lost: Link[] } {
  const name = (definition: Definition) => {
    const states = new Map(keysOf(definition).map((key, index) => [key, definition.states[index] as State]));
    return (link: Link) => {
      const transition = states.get(link.source)?.transitions[Number(link.exit.slice(1))];
      return `${link.source}\n${transition?.event ?? ""}\n${JSON.stringify(transition?.conditions ?? null)}\n${link.target}`;
    };
  };
  const [nameBefore, nameAfter, nameDrawn] = [name(before), name(after), name(drawn)];
  const was = new Set(linksOf(before).map(nameBefore));
  const is = new Set(linksOf(after).map(nameAfter));
  const links = new Map<string, string>();
  for (const link of linksOf(drawn)) {
    const called = nameDrawn(link);
    links.set(link.id, !is.has(called) ? "diff--removed" : was.has(called) ? "diff--same" : "diff--added");
  }
  const shown = new Map(keysOf(drawn).map((key, index) => [key, drawn.states[index] as State]));
  const lost = linksOf(before).flatMap((link) => {
    const source = shown.get(link.source);
    if (is.has(nameBefore(link)) || !source || links.get(link.id) === "diff--removed") return [];
    // It leaves by the exit of the same event, or the nearest there is.
    const event = before.states[keysOf(before).indexOf(link.source)]?.transitions[Number(link.exit.slice(1))]?.event;
    const exits = exitsOf(source, catalogue);
    const exit = exits.find((candidate) => candidate.id === link.exit && candidate.event === event) ?? exits.find((candidate) => candidate.event === event) ?? exits[0];
    return exit ? [{ ...link, id: `lost ${link.id}`, exit: exit.id }] : [];
  });
  for (const link of lost) links.set(link.id, "diff--removed");
  return { links, lost };
}
