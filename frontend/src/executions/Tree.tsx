import type { Json } from "../api/types";
import { Breakable } from "../app/Breakable";
import { valueText } from "./text";

/** A JSON value as folding lines. */
export function Tree({ value }: { value: Json }) {
  if (value === null || typeof value !== "object") return <code>{valueText(value)}</code>;
  const entries = Array.isArray(value) ? value.map((entry, index) => [String(index), entry] as const) : Object.entries(value);
  if (entries.length === 0) return <span className="table__sub">empty</span>;
  const empty = entries.filter(([, entry]) => entry === null).map(([name]) => name);
  return (
    <ul className="tree">
      {entries.filter(([, entry]) => entry !== null).map(([name, entry]) => (
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
      {empty.length > 0 && (
        <li>
          <Empty names={empty} />
        </li>
      )}
    </ul>
  );
}

/** What has no value is many names and little news: one line of them. */
export function Empty({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <p className="values__empty">
      null: <Breakable text={names.join(", ")} />
    </p>
  );
}
