import type { State } from "../../api/types";
import { useBuilder } from "../context";
import { exitsOf } from "../core/model";
import { exitProblem, type PlacedProblem } from "../core/problems";
import { exitLabel } from "../core/summary";
import { TargetPicker } from "./TargetPicker";

type Props = { widget: string; state: State };

/** The exits of a widget and where each leads. */
export function ExitsEditor({ widget, state }: Props) {
  const catalogue = useBuilder((builder) => builder.catalogue);
  const problems = useBuilder((builder) => builder.problems);
  const exits = exitsOf(state, catalogue);
  if (exits.length === 0) return <p className="hint">This widget has no exits: the flow ends here.</p>;
  return (
    <ul className="exits">
      {exits.map((exit) => {
        const label = exitLabel(state, exit, catalogue);
        return (
          <li key={exit.id} data-field={`exit ${exit.index}`}>
            <span className="exits__label" title={label.detail}>
              {label.title}
            </span>
            <TargetPicker source={widget} exit={exit.id} label={label.title} next={exit.next} />
            <ExitProblem problem={exitProblem(problems, widget, exit.index)} />
          </li>
        );
      })}
    </ul>
  );
}

/** What the check says about one exit, under it. */
export function ExitProblem({ problem }: { problem: PlacedProblem | null }) {
  if (!problem) return null;
  return <p className={`exits__problem exits__problem--${problem.severity}`}>{problem.message}</p>;
}
