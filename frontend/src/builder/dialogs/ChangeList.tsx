import type { Json } from "../../api/types";
import type { Difference } from "../core/diff";

function short(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 90 ? `${text.slice(0, 90)}…` : text || "empty";
}

/** Added, removed and changed widgets as a list. */
export function ChangeList({ difference }: { difference: Difference }) {
  const { added, removed, changed, flow } = difference;
  return (
    <ul className="changes">
      {added.map((key) => (
        <li key={`+${key}`} className="changes__added">
          <span className="changes__sign" aria-hidden>
            +
          </span>
          <span>
            <strong>{key}</strong> added
          </span>
        </li>
      ))}
      {removed.map((key) => (
        <li key={`-${key}`} className="changes__removed">
          <span className="changes__sign" aria-hidden>
            −
          </span>
          <span>
            <strong>{key}</strong> removed
          </span>
        </li>
      ))}
      {[...(flow.length > 0 ? [{ key: "Flow", changes: flow }] : []), ...changed].map(({ key, changes }) => (
        <li key={`~${key}`} className="changes__changed">
          <span className="changes__sign" aria-hidden>
            ~
          </span>
          <span>
            <strong>{key}</strong> changed
            {changes.slice(0, 6).map((change) => (
              <span key={change.path} className="changes__property">
                {change.path}: <del>{short(change.before)}</del> <ins>{short(change.after)}</ins>
              </span>
            ))}
            {changes.length > 6 && <span className="changes__property">and {changes.length - 6} more</span>}
          </span>
        </li>
      ))}
    </ul>
  );
}
