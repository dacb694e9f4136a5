/** Undo and redo over immutable values: each step keeps the whole value, its unchanged parts shared. */

export type Step<T> = { value: T; label: string };
export type History<T> = {
  present: T;
  past: readonly Step<T>[];
  future: readonly Step<T>[];
  /** Steps of one group that follow each other within its time are one step (typing in a field). */
  group: { name: string; at: number } | null;
};

const DEPTH = 200;
const GROUP_MS = 1500;

export function startHistory<T>(value: T): History<T> {
  return { present: value, past: [], future: [], group: null };
}

/** A new present. `group` names what may melt into the step before it; `at` is in milliseconds. */
export function record<T>(history: History<T>, value: T, label: string, at: number, group?: string): History<T> {
  if (Object.is(value, history.present)) return history;
  const melts = group !== undefined && history.group?.name === group && at - history.group.at < GROUP_MS;
  const past = melts ? history.past : [...history.past, { value: history.present, label }].slice(-DEPTH);
  return { present: value, past, future: [], group: group === undefined ? null : { name: group, at } };
}

export function undo<T>(history: History<T>): History<T> {
  const last = history.past.at(-1);
  if (!last) return history;
  return {
    present: last.value,
    past: history.past.slice(0, -1),
    future: [{ value: history.present, label: last.label }, ...history.future],
    group: null,
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...rest] = history.future;
  if (!next) return history;
  return {
    present: next.value,
    past: [...history.past, { value: history.present, label: next.label }],
    future: rest,
    group: null,
  };
}
