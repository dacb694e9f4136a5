import { memo, useMemo } from "react";
import { IconAlertCircleFilled, IconAlertTriangleFilled } from "@tabler/icons-react";

import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import type { State } from "../../api/types";
import { chosenOf } from "../canvas/graph";
import { exitsOf, stateOf, type Catalogue } from "../core/model";
import { outlineOf } from "../core/outline";
import { marksOf, type Marks } from "../core/problems";
import { exitLabel, summaryOf } from "../core/summary";
import { WidgetIcon } from "../look";

/** `Send Message, Sent to thanks, Failed ends here`: what a reader of the drawing sees at a glance. */
function exitsText(state: State, catalogue: Catalogue): string {
  const title = catalogue.get(state.type)?.title ?? state.type;
  const exits = exitsOf(state, catalogue).map((exit) => `${exitLabel(state, exit, catalogue).title} ${exit.next ? `to ${exit.next}` : "ends here"}`);
  return [title, ...exits].join(", ");
}

/** The flow as a list in reading order: the way through it without the drawing. */
export function Outline() {
  const actions = useBuilderActions();
  const definition = useBuilder((state) => state.history.present);
  const catalogue = useBuilder((state) => state.catalogue);
  const chosen = useBuilder((state) => chosenOf(state.selection));
  const problems = useBuilder((state) => state.problems);
  const rows = useMemo(() => outlineOf(definition, catalogue), [definition, catalogue]);
  const marks = useMemo(() => marksOf(problems), [problems]);
  const firstLoose = rows.findIndex((row) => !row.reachable);

  return (
    <ol className="outline" aria-label="Widgets of this flow">
      {rows.map(({ key, depth }, index) => {
        const state = stateOf(definition, key);
        return (
          state && (
            <li key={key}>
              {index === firstLoose && <p className="eyebrow">Nothing leads here</p>}
              <Row widget={key} state={state} depth={depth} catalogue={catalogue} mark={marks.get(key)} current={chosen.has(key)} onChoose={actions.jumpTo} />
            </li>
          )
        );
      })}
    </ol>
  );
}

type RowProps = { widget: string; state: State; depth: number; catalogue: Catalogue; mark: Marks | undefined; current: boolean; onChoose: (key: string) => void };

const Row = memo(function Row({ widget, state, depth, catalogue, mark, current, onChoose }: RowProps) {
  return (
    <button type="button" className="outline__row" aria-current={current ? "true" : undefined} style={{ paddingInlineStart: 8 + Math.min(depth, 8) * 12 }} onClick={() => onChoose(widget)}>
      <WidgetIcon type={state.type} size={15} />
      <span className="outline__name">{state.name}</span>
      <span className="visually-hidden">{exitsText(state, catalogue)} </span>
      <span className="outline__text">{summaryOf(state).rows[0]?.text}</span>
      {mark?.errors ? (
        <IconAlertCircleFilled className="outline__error" size={14} aria-label="has errors" />
      ) : mark?.warnings ? (
        <IconAlertTriangleFilled className="outline__warning" size={14} aria-label="has warnings" />
      ) : null}
    </button>
  );
});
