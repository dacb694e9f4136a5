/**
 * A history as plain data and back, to survive a reload. Steps share most of their widgets: each widget's value is kept
 * once, and steps name them by number, so that two hundred steps take little more room than what was changed in them.
 */
import type { Definition, State } from "../../api/types";
import type { History } from "./history";

type PackedValue = { rest: Omit<Definition, "states">; states: number[] };
type PackedStep = { label: string; value: PackedValue };
export type PackedHistory = { v: 1; pool: State[]; present: PackedValue; past: PackedStep[]; future: PackedStep[] };

export function pack(history: History<Definition>): PackedHistory {
  const pool: State[] = [];
  const numbers = new Map<State, number>();
  const packed = (definition: Definition): PackedValue => {
    const { states, ...rest } = definition;
    return {
      rest,
      states: states.map((state) => {
        const known = numbers.get(state);
        if (known !== undefined) return known;
        numbers.set(state, pool.length);
        return pool.push(state) - 1;
      }),
    };
  };
  return {
    v: 1,
    present: packed(history.present),
    past: history.past.map(({ label, value }) => ({ label, value: packed(value) })),
    future: history.future.map(({ label, value }) => ({ label, value: packed(value) })),
    pool,
  };
}

/** Null for anything that is no packed history. */
export function unpack(data: unknown): History<Definition> | null {
  const packed = data as PackedHistory | null;
  if (!packed || typeof packed !== "object" || packed.v !== 1 || !Array.isArray(packed.pool)) return null;
  try {
    const value = ({ rest, states }: PackedValue): Definition => ({
      ...rest,
      states: states.map((number) => {
        const state = packed.pool[number];
        if (!state) throw new Error("A widget is missing.");
        return state;
      }),
    }) as Definition;
    const steps = (list: PackedStep[]) => list.map(({ label, value: packedValue }) => ({ label: String(label), value: value(packedValue) }));
    return { present: value(packed.present), past: steps(packed.past), future: steps(packed.future), group: null };
  } catch {
    return null;
  }
}
