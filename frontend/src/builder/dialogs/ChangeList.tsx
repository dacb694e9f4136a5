import type { ReactNode } from "react";

import type { Json } from "../../api/types";
import type { Difference, PropertyChange } from "../core/diff";

function short(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text || "empty";
}

type Props = {
  difference: Difference;
  /** The widget that is looked at, and what a click on one does; a plain list without. */
  current?: string;
  onPick?: (key: string) => void;
};

/** Added, removed and changed widgets as a list. */
export function ChangeList({ difference, current, onPick }: Props) {
  const { added, removed, changed, flow, notes } = difference;
  const name = (key: string, title = key) =>
    onPick ? (
      <button type="button" className="changes__pick" aria-current={key === current ? "true" : undefined} onClick={() => onPick(key)}>
        <strong>{title}</strong>
      </button>
    ) : (
      <strong>{title}</strong>
    );
  return (
    <ul className="changes">
      {flow.length > 0 && (
        <Row sign="~" kind="changed">
          <strong>Flow</strong> changed
          <Properties changes={flow} />
        </Row>
      )}
      {added.map((key) => (
        <Row key={`+${key}`} sign="+" kind="added">
          {name(key)} added
        </Row>
      ))}
      {removed.map((key) => (
        <Row key={`-${key}`} sign="−" kind="removed">
          {name(key)} removed
        </Row>
      ))}
      {changed.map(({ key, changes }) => (
        <Row key={`~${key}`} sign="~" kind="changed">
          {name(key)} changed
          <Properties changes={changes} />
        </Row>
      ))}
      {notes.map(({ key, title, kind }) => (
        <Row key={`note ${key}`} sign={SIGNS[kind]} kind={kind}>
          Note&nbsp; {name(key, title)} {kind}
        </Row>
      ))}
    </ul>
  );
}

const SIGNS = { added: "+", removed: "−", changed: "~" };

function Row({ sign, kind, children }: { sign: string; kind: string; children: ReactNode }) {
  return (
    <li className={`changes__${kind}`}>
      <span className="changes__sign" aria-hidden>
        {sign}
      </span>
      <span>{children}</span>
    </li>
  );
}

function Properties({ changes }: { changes: PropertyChange[] }) {
  return (
    <>
      {changes.slice(0, 8).map((change) => (
        <span key={change.path} className="changes__property">
          {change.path}: <del>{short(change.before)}</del> <ins>{short(change.after)}</ins>
        </span>
      ))}
      {changes.length > 8 && <span className="changes__property">and {changes.length - 8} more</span>}
    </>
  );
}
