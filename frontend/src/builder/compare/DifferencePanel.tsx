import { ActionIcon, Group } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useEffect, useState } from "react";

import { useBuilderActions } from "../actions-context";
import type { Comparison } from "../core/compare";
import { isEmpty } from "../core/diff";
import { ChangeList } from "../dialogs/ChangeList";

function inWords({ added, removed, changed, notes }: Comparison["difference"]): string {
  const parts = [added.length ? `${added.length} added` : "", removed.length ? `${removed.length} removed` : "", changed.length ? `${changed.length} changed` : "", notes.length ? `${notes.length} ${notes.length === 1 ? "note" : "notes"}` : ""];
  return parts.filter(Boolean).join(", ") || "The widgets are the same";
}

/** The differences as a list, one after the other on the canvas. */
export function DifferencePanel({ comparison }: { comparison: Comparison }) {
  const actions = useBuilderActions();
  const { difference, keys } = comparison;
  const [at, setAt] = useState(-1);

  function go(step: number) {
    if (keys.length === 0) return;
    const next = at < 0 ? (step > 0 ? 0 : keys.length - 1) : (at + step + keys.length) % keys.length;
    setAt(next);
    actions.jumpTo(keys[next] as string);
  }

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof Element && event.target.closest("input, [role='listbox']")) return;
      const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
      if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      go(step);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  });

  return (
    <section className="replay compare__panel" aria-label="Differences">
      <Group gap={4} wrap="nowrap">
        <span className="replay__place" role="status">
          {inWords(difference)}
        </span>
        <ActionIcon variant="default" size={32} aria-label="Difference before" disabled={keys.length === 0} onClick={() => go(-1)}>
          <IconArrowUp size={16} />
        </ActionIcon>
        <ActionIcon variant="default" size={32} aria-label="Next difference" disabled={keys.length === 0} onClick={() => go(1)}>
          <IconArrowDown size={16} />
        </ActionIcon>
      </Group>
      <p className="compare__legend hint">
        <span className="compare__swatch compare__swatch--added" /> added <span className="compare__swatch compare__swatch--changed" /> changed <span className="compare__swatch compare__swatch--removed" /> removed
      </p>
      {isEmpty(difference) ? (
        <p className="hint">Nothing differs. Positions are not compared.</p>
      ) : (
        <ChangeList
          difference={difference}
          current={keys[at]}
          onPick={(key) => {
            setAt(keys.indexOf(key));
            actions.jumpTo(key);
          }}
        />
      )}
    </section>
  );
}
