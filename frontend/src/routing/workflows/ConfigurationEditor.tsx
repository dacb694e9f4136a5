import { Button, SegmentedControl, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { CodeField } from "../../builder/inspector/fields/CodeField";
import { changedAt, configurationFrom, configurationOf, draftOf, emptyFilter, moved, type Draft } from "../core/workflow";
import type { Routing } from "../types";
import { DefaultCard } from "./DefaultCard";
import { FilterCard } from "./FilterCard";

type Props = {
  draft: Draft;
  routing: Routing;
  /** By path, as `task_routing.filters[0].expression`. */
  problems: Record<string, string>;
  readOnly: boolean;
  onChange: (draft: Draft) => void;
  /** While the JSON view holds a text that is no configuration, `draft` is what it was before. */
  onJsonWrong: (isWrong: boolean) => void;
};

/** The rules of a workflow, as cards in the order in which they are tried, or as JSON. */
export function ConfigurationEditor({ draft, routing, problems, readOnly, onChange, onJsonWrong }: Props) {
  const [view, setView] = useState<"cards" | "json">("cards");
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<string | undefined>();
  const [said, setSaid] = useState("");
  const [dragged, setDragged] = useState<number | null>(null);

  const show = (next: string) => {
    if (next === "json") setText(JSON.stringify(configurationOf(draft), null, 2));
    else if (wrong) return;
    setView(next as "cards" | "json");
  };
  const read = (typed: string) => {
    setText(typed);
    const result = configurationFrom(typed);
    setWrong("error" in result ? result.error : undefined);
    onJsonWrong("error" in result);
    if ("configuration" in result) onChange(draftOf(result.configuration));
  };
  const move = (from: number, to: number) => {
    if (to < 0 || to >= draft.filters.length) return;
    onChange({ ...draft, filters: moved(draft.filters, from, to) });
    setSaid(`Filter moved to place ${to + 1} of ${draft.filters.length}`);
  };

  return (
    <section aria-label="Rules">
      <div className="rules__head">
        <Text size="sm" c="dimmed" maw={560}>
          A task takes the first filter that matches it, then that filter’s targets from top to bottom.
        </Text>
        <SegmentedControl
          aria-label="Show the rules as"
          data={[
            { value: "cards", label: "Cards" },
            { value: "json", label: "JSON" },
          ]}
          value={view}
          onChange={show}
        />
      </div>
      <div className="visually-hidden" role="status">
        {said}
      </div>
      {view === "json" ? (
        <CodeField label="Configuration" language="json" multiline tall readOnly={readOnly} error={wrong ?? problems.task_routing} value={text} onChange={read} />
      ) : (
        <>
          <ol className="rules">
            {draft.filters.map((filter, index) => (
              <li
                key={filter.id}
                className={dragged === index ? "rules__item rules__item--dragged" : "rules__item"}
                onDragOverCapture={(event) => {
                  if (dragged !== null) event.preventDefault();
                }}
                onDropCapture={(event) => {
                  if (dragged === null) return;
                  // The editors inside would take the card for text.
                  event.preventDefault();
                  event.stopPropagation();
                  move(dragged, index);
                  setDragged(null);
                }}
              >
                <FilterCard
                  filter={filter}
                  index={index}
                  count={draft.filters.length}
                  routing={routing}
                  problems={problems}
                  readOnly={readOnly}
                  onChange={(next) => onChange({ ...draft, filters: changedAt(draft.filters, index, next) })}
                  onMove={(step) => move(index, index + step)}
                  onRemove={() => {
                    onChange({ ...draft, filters: draft.filters.filter((other) => other.id !== filter.id) });
                    setSaid("Filter removed");
                  }}
                  onDrag={(isDragging) => setDragged(isDragging ? index : null)}
                />
              </li>
            ))}
          </ol>
          {draft.filters.length === 0 && (
            <Text size="sm" c="dimmed" className="rules__none">
              No filter: every task goes to the default below.
            </Text>
          )}
          {!readOnly && (
            <Button
              variant="light"
              leftSection={<IconPlus size={16} />}
              mb="md"
              onClick={() => onChange({ ...draft, filters: [...draft.filters, emptyFilter(routing.queues[0]?.sid ?? null)] })}
            >
              Add filter
            </Button>
          )}
          <DefaultCard
            value={draft.defaultFilter}
            routing={routing}
            problem={problems["task_routing.default_filter.queue"] ?? problems["task_routing.default_filter"]}
            readOnly={readOnly}
            onChange={(defaultFilter) => onChange({ ...draft, defaultFilter })}
          />
        </>
      )}
    </section>
  );
}
