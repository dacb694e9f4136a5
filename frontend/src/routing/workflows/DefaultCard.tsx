import { Select } from "@mantine/core";

import type { JsonObject } from "../../api/types";
import { textOf, withValues } from "../core/workflow";
import type { Routing } from "../types";

type Props = { value: JsonObject | null; routing: Routing; problem?: string; readOnly: boolean; onChange: (value: JsonObject | null) => void };

const NONE = "none";

/** Where a task goes that no filter matches. */
export function DefaultCard({ value, routing, problem, readOnly, onChange }: Props) {
  const queue = textOf(value?.queue);
  const queues = routing.queues.map(({ sid, friendly_name }) => ({ value: sid, label: friendly_name }));
  return (
    <div className="card filter filter--default">
      <Select
        label="Every other task waits in"
        description={value ? "Without limit, for tasks that no filter matches." : "No default: a task that no filter matches is canceled."}
        searchable
        allowDeselect={false}
        readOnly={readOnly}
        error={problem}
        placeholder="Choose a queue"
        data={[
          ...queues,
          ...(queue && !queues.some((each) => each.value === queue) ? [{ value: queue, label: `${queue} (does not exist)` }] : []),
          { value: NONE, label: "No default: cancel the task" },
        ]}
        value={value ? queue || null : NONE}
        onChange={(sid) => sid && onChange(sid === NONE ? null : withValues(value ?? {}, { queue: sid }))}
      />
    </div>
  );
}
