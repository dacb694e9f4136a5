import type { Json } from "../api/types";
import { valueText } from "./text";

/** A JSON value as folding lines. */
export function Tree({ value }: { value: Json }) {
  if (value === null || typeof value !== "object") return <code>{valueText(value)}</code>;
  const entries = Array.isArray(value) ? value.map((entry, index) => [String(index), entry] as const) : Object.entries(value);
  if (entries.length === 0) return <span className="table__sub">empty</span>;
  return (
    <ul className="tree">
      {entries.map(([name, entry]) => (
        <li key={name}>
          {entry !== null && typeof entry === "object" ? (
            <details open>
              <summary>{name}</summary>
              <Tree value={entry} />
            </details>
          ) : (
            <>
              <span className="tree__name">{name}</span> <code>{valueText(entry)}</code>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
