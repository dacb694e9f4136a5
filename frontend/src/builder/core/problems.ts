/** Which widget, exit or field a problem of the server's check speaks of. */
import type { Definition, Problem } from "../../api/types";
import { keysOf } from "./model";

export type PlacedProblem = Problem & {
  key: string | null;
  /** The property of `properties` it points at. */
  property: string | null;
  /** The position in `transitions` it points at. */
  transition: number | null;
};

export function placeProblems(definition: Definition, problems: readonly Problem[]): PlacedProblem[] {
  const keys = keysOf(definition);
  return problems.map((problem) => {
    const path = problem.property_path.replace(/^#\/?/, "").split("/");
    const position = path[0] === "states" && path[1] !== undefined ? Number(path[1]) : Number.NaN;
    const byPath = Number.isInteger(position) ? (keys[position] ?? null) : null;
    const key = byPath ?? (problem.widget && keys.includes(problem.widget) ? problem.widget : null);
    return {
      ...problem,
      key,
      property: path[2] === "properties" && path[3] ? path[3].replaceAll("~1", "/").replaceAll("~0", "~") : null,
      transition: path[2] === "transitions" && path[3] !== undefined ? Number(path[3]) : null,
    };
  });
}

export type Marks = { errors: number; warnings: number };

export function marksOf(problems: readonly PlacedProblem[]): Map<string, Marks> {
  const marks = new Map<string, Marks>();
  for (const { key, severity } of problems) {
    if (key === null) continue;
    const old = marks.get(key) ?? { errors: 0, warnings: 0 };
    marks.set(
      key,
      severity === "error" ? { ...old, errors: old.errors + 1 } : { ...old, warnings: old.warnings + 1 },
    );
  }
  return marks;
}

/** The first problem of one exit; errors come first in the list. */
export function exitProblem(problems: readonly PlacedProblem[], key: string, index: number | null): PlacedProblem | null {
  if (index === null) return null;
  return problems.find((problem) => problem.key === key && problem.transition === index) ?? null;
}

/** The name under which the inspector finds the field a problem points at. */
export function fieldOf({ property, transition }: PlacedProblem): string | undefined {
  return property ?? (transition === null ? undefined : `exit ${transition}`);
}
