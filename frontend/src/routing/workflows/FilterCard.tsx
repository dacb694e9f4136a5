import { Button, Text, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";

import { changedAt, leavingAges, moved, newId, textOf, withValues, type Filter } from "../core/workflow";
import { durationText } from "../core/text";
import { ExpressionField } from "../expressions/ExpressionField";
import type { Routing } from "../types";
import { CardTools } from "./CardTools";
import { TargetCard } from "./TargetCard";

type Props = {
  filter: Filter;
  index: number;
  count: number;
  routing: Routing;
  problems: Record<string, string>;
  readOnly: boolean;
  onChange: (filter: Filter) => void;
  onMove: (step: 1 | -1) => void;
  onRemove: () => void;
  onDrag: (isDragging: boolean) => void;
};

/** Which tasks, and the targets they go through. */
export function FilterCard({ filter, index, count, routing, problems, readOnly, onChange, onMove, onRemove, onDrag }: Props) {
  const path = `task_routing.filters[${index}]`;
  const given = textOf(filter.value.filter_friendly_name ?? filter.value.friendly_name);
  const name = given || `filter ${index + 1}`;
  const nameKey = filter.value.filter_friendly_name === undefined && filter.value.friendly_name !== undefined ? "friendly_name" : "filter_friendly_name";
  const { targets } = filter;
  const ages = leavingAges(targets);
  const inherited = targets.reduce<string[]>((queues, target) => [...queues, textOf(target.value.queue) || (queues.at(-1) ?? "")], []);
  const last = ages.at(-1);
  return (
    <article className="card filter" aria-label={`Filter ${index + 1}: ${given || "without a name"}`}>
      <div className="filter__head">
        <span className="filter__number" aria-hidden>
          {index + 1}
        </span>
        <TextInput
          className="filter__name"
          aria-label={`Name of filter ${index + 1}`}
          placeholder="Name, for example Gold customers"
          readOnly={readOnly}
          value={given}
          onChange={(event) => onChange({ ...filter, value: withValues(filter.value, { [nameKey]: event.currentTarget.value }) })}
        />
        {!readOnly && <CardTools name={name} isFirst={index === 0} isLast={index === count - 1} onMove={onMove} onRemove={onRemove} onDrag={onDrag} />}
      </div>
      <ExpressionField
        label={`Tasks of ${name}`}
        kind="filter"
        placeholder={"type == 'ticket' AND customer_value == 'Gold'"}
        readOnly={readOnly}
        error={problems[`${path}.expression`] ?? problems[path]}
        value={textOf(filter.value.expression)}
        onChange={(expression) => onChange({ ...filter, value: { ...filter.value, expression } })}
      />
      <ol className="targets" aria-label={`Targets of ${name}`}>
        {targets.map((target, place) => (
          <li key={target.id}>
            <TargetCard
              target={target}
              name={`target ${place + 1} of ${name}`}
              path={`${path}.targets[${place}]`}
              place={place}
              count={targets.length}
              inheritedQueue={place > 0 ? (inherited[place - 1] ?? "") : ""}
              leavesAt={ages[place] ?? null}
              routing={routing}
              problems={problems}
              readOnly={readOnly}
              onChange={(value) => onChange({ ...filter, targets: changedAt(targets, place, { ...target, value }) })}
              onMove={(step) => onChange({ ...filter, targets: moved(targets, place, place + step) })}
              onRemove={() => onChange({ ...filter, targets: targets.filter((other) => other.id !== target.id) })}
            />
          </li>
        ))}
      </ol>
      {problems[`${path}.targets`] && (
        <Text size="sm" c="var(--fd-danger)" role="alert">
          {problems[`${path}.targets`]}
        </Text>
      )}
      {typeof last === "number" && (
        <Text size="xs" c="dimmed">
          At an age of {durationText(last)} the task leaves this filter: for the next one that matches it, otherwise it is canceled.
        </Text>
      )}
      {!readOnly && (
        <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} />} className="filter__add" aria-label={`Add target to ${name}`} onClick={() => onChange({ ...filter, targets: [...targets, { id: newId(), value: targets.length === 0 && routing.queues[0] ? { queue: routing.queues[0].sid } : {} }] })}>
          Add target
        </Button>
      )}
    </article>
  );
}
