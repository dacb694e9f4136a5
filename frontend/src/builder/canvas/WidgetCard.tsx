import { Handle, Position, type NodeProps } from "@xyflow/react";
import { IconAlertCircleFilled, IconAlertTriangleFilled, IconHourglass, IconLogout2, IconPlus } from "@tabler/icons-react";
import { memo, type CSSProperties } from "react";

import { Breakable } from "../../app/Breakable";
import { useBuilderActions } from "../actions-context";
import { useNames } from "../context";
import { CARD, linesOf } from "../core/sizes";
import { exitLabel, summaryOf } from "../core/summary";
import { countText, shareText, type Visits } from "../core/traffic";
import { toneOf, WidgetTile } from "../look";
import { colourOf, initialsOf, type Other } from "../presence/editors";
import { portOf, type CardNode } from "./graph";

/** One widget on the canvas: what it is, what it does, and its exits by their meaning. */
function Card({ id, data, selected }: NodeProps<CardNode>) {
  const actions = useBuilderActions();
  const { state, exits, catalogue, marks, visits, others } = data;
  const title = catalogue.get(state.type)?.title ?? state.type;
  const { rows } = summaryOf(state, useNames());
  const problem = marks?.errors ? "error" : marks?.warnings ? "warning" : null;

  return (
    <article
      className={`widget tone-${toneOf(state.type)} ${selected ? "widget--selected" : ""} ${problem ? `widget--${problem}` : ""}`}
      aria-label={`Widget ${state.name}, ${title}`}
    >
      {visits && visits.visits > 0 && <Counts visits={visits} />}
      {others && <Beside others={others} />}
      {!data.isStart && <Handle type="target" id="in" position={Position.Top} className="port port--in" isConnectableStart={false} />}
      <header className="widget__head" style={{ height: CARD.header }}>
        <WidgetTile type={state.type} />
        <div className="widget__names">
          <strong className="widget__name" title={state.name}>
            <Breakable text={state.name} />
          </strong>
          <span className="widget__type">{title}</span>
        </div>
        {problem && (
          <span className={`widget__mark widget__mark--${problem}`} title={markText(marks)}>
            {problem === "error" ? <IconAlertCircleFilled size={18} /> : <IconAlertTriangleFilled size={17} />}
            <span className="visually-hidden">{markText(marks)}</span>
          </span>
        )}
      </header>
      {rows.length > 0 && (
        <div className="widget__body">
          {rows.map((row, index) => (
            <p
              key={index}
              className={`widget__row widget__row--${row.style}`}
              style={{ "--lines": row.wrap ? linesOf(row.text) : 1 } as CSSProperties}
              title={row.text}
            >
              {row.text}
            </p>
          ))}
        </div>
      )}
      {exits.length > 0 && (
        <ul className="widget__exits" style={{ height: CARD.exits }}>
          {exits.map((exit) => {
            const label = exitLabel(state, exit, catalogue);
            return (
              <li key={exit.id} className={exit.next ? "" : "widget__exit--open"} title={`${label.detail}${exit.next ? ` → ${exit.next}` : ": ends here"}`}>
                <span>{label.title}</span>
              </li>
            );
          })}
        </ul>
      )}
      {exits.map((exit) => {
        const label = exitLabel(state, exit, catalogue);
        return (
          <Handle
            key={exit.id}
            type="source"
            id={exit.id}
            position={Position.Bottom}
            className={`port port--out ${exit.next ? "port--taken" : "port--open"}`}
            style={{ left: `${portOf(exits, exit.id) * 100}%` }}
            title={exit.next ? `${label.detail}: drag to lead elsewhere` : `${label.detail}: drag to a widget, or click to add one`}
            role="img"
            aria-label={`Exit ${label.title} of ${state.name}`}
            onClick={(event) => {
              if (!exit.next) actions.pickForExit(id, exit.id, { x: event.clientX, y: event.clientY });
            }}
          >
            {!exit.next && <IconPlus size={11} stroke={2.6} aria-hidden />}
          </Handle>
        );
      })}
    </article>
  );
}

/** Above a card: how many came, how many of them stand there or left for good. */
function Counts({ visits: { visits, ended, waiting, dropOff } }: { visits: Visits }) {
  return (
    <div className="widget__counts">
      <span title="Visits">{countText(visits)}</span>
      {waiting > 0 && (
        <span className="widget__waiting" title="Waiting there now">
          <IconHourglass size={11} aria-label="waiting" /> {countText(waiting)}
        </span>
      )}
      {ended > 0 && (
        <span className="widget__ended" title={`${ended} ended here`}>
          <IconLogout2 size={11} aria-label="ended here" /> {countText(ended)} · {shareText(dropOff)}
        </span>
      )}
    </div>
  );
}

function Beside({ others }: { others: readonly Other[] }) {
  return (
    <div className="widget__others">
      {others.slice(0, 3).map((other) => (
        <span key={other.editor} style={{ background: `var(--mantine-color-${colourOf(other.userSid)}-7)` }} title={`${other.name} has it selected`}>
          {initialsOf(other.name)}
        </span>
      ))}
    </div>
  );
}

function markText(marks: { errors: number; warnings: number } | null): string {
  if (!marks) return "";
  const parts = [
    marks.errors ? `${marks.errors} ${marks.errors === 1 ? "error" : "errors"}` : "",
    marks.warnings ? `${marks.warnings} ${marks.warnings === 1 ? "warning" : "warnings"}` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

export const WidgetCard = memo(Card);
