import { Autocomplete, Button, Collapse, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import type { JsonObject } from "../../api/types";
import { durationText } from "../core/text";
import { numberOr, textOf, withValues, type Target } from "../core/workflow";
import { ExpressionField } from "../expressions/ExpressionField";
import { useCheck } from "../expressions/useCheck";
import type { Routing } from "../types";
import { CardTools } from "./CardTools";

type Props = {
  target: Target;
  name: string;
  path: string;
  place: number;
  count: number;
  /** The queue of the target above, which an own one overrides. */
  inheritedQueue: string;
  /** The task's age in seconds at which it leaves for the next target; null: it stays. */
  leavesAt: number | null;
  routing: Routing;
  problems: Record<string, string>;
  readOnly: boolean;
  onChange: (value: JsonObject) => void;
  onMove: (step: 1 | -1) => void;
  onRemove: () => void;
};

/** The visible words, and for those who hear them which target they belong to. */
function labelOf(words: string, name: string) {
  return (
    <>
      {words} <span className="visually-hidden">({name})</span>
    </>
  );
}

const MORE = ["expression", "order_by", "skip_if", "known_worker_sid", "known_worker_friendly_name"];

/** One stop of a task: the queue it waits in, for how long, and which of the workers there may take it. */
export function TargetCard({ target, name, path, place, count, inheritedQueue, leavesAt, routing, problems, readOnly, onChange, onMove, onRemove }: Props) {
  const { value } = target;
  const uses = MORE.some((key) => value[key] !== undefined);
  const isWrong = MORE.some((key) => problems[`${path}.${key}`]);
  const [opened, setOpened] = useState(uses);
  const isOpen = opened || isWrong;
  const set = (change: JsonObject) => onChange(withValues(value, change));
  const queueOf = (sid: string) => routing.queues.find((queue) => queue.sid === sid)?.friendly_name ?? sid;
  const queue = textOf(value.queue);
  const queues = routing.queues.map(({ sid, friendly_name }) => ({ value: sid, label: friendly_name }));
  return (
    <div className="stop" role="group" aria-label={name}>
      <div className="stop__main">
        <Select
          className="stop__queue"
          label={labelOf(place === 0 ? "First wait in" : "Then wait in", name)}
          searchable
          clearable={place > 0 && !readOnly}
          readOnly={readOnly}
          placeholder={inheritedQueue ? `As before: ${queueOf(inheritedQueue)}` : "Choose a queue"}
          nothingFoundMessage="No queue has this name"
          error={problems[`${path}.queue`] ?? problems[path]}
          data={queue && !queues.some((each) => each.value === queue) ? [...queues, { value: queue, label: `${queue} (does not exist)` }] : queues}
          value={queue || null}
          onChange={(sid) => set({ queue: sid ?? "" })}
        />
        <TextInput
          className="stop__number"
          label={labelOf("For (seconds)", name)}
          inputMode="numeric"
          placeholder="no limit"
          readOnly={readOnly}
          error={problems[`${path}.timeout`]}
          value={textOf(value.timeout)}
          onChange={(event) => set({ timeout: numberOr(event.currentTarget.value) })}
        />
        <TextInput
          className="stop__number"
          label={labelOf("Priority", name)}
          inputMode="numeric"
          placeholder="as it is"
          readOnly={readOnly}
          error={problems[`${path}.priority`]}
          value={textOf(value.priority)}
          onChange={(event) => set({ priority: numberOr(event.currentTarget.value) })}
        />
        {!readOnly && <CardTools name={name} isFirst={place === 0} isLast={place === count - 1} onMove={onMove} onRemove={onRemove} />}
      </div>
      <div className="stop__foot">
        <span className="hint">{leavesAt === null ? "Tasks stay here until somebody takes them or their life ends." : `Until the task is ${durationText(leavesAt)} old.`}</span>
        <Button size="compact-xs" variant="subtle" aria-expanded={isOpen} onClick={() => setOpened(!isOpen)}>
          {labelOf(isOpen ? "Fewer rules" : "Who and how", name)}
        </Button>
      </div>
      <Collapse expanded={isOpen}>
        {isOpen && <Rules name={name} path={path} value={value} queueSid={queue || inheritedQueue} problems={problems} readOnly={readOnly} set={set} />}
      </Collapse>
    </div>
  );
}

type RulesProps = Pick<Props, "name" | "path" | "problems" | "readOnly"> & { value: JsonObject; queueSid: string; set: (change: JsonObject) => void };

/** Which workers of the queue, in which order, and when not to wait here at all. */
function Rules({ name, path, value, queueSid, problems, readOnly, set }: RulesProps) {
  const { check } = useCheck("target", textOf(value.expression), queueSid);
  const seen = check?.attributes_seen;
  const known = value.known_worker_friendly_name !== undefined ? "known_worker_friendly_name" : "known_worker_sid";
  return (
    <div className="stop__rules">
      <ExpressionField
        label={`Workers for ${name}`}
        kind="target"
        queueSid={queueSid}
        placeholder="task.language IN worker.languages"
        whenEmpty="Empty: every worker of the queue."
        readOnly={readOnly}
        error={problems[`${path}.expression`]}
        value={textOf(value.expression)}
        onChange={(expression) => set({ expression })}
      />
      <ExpressionField
        label={`Skip ${name} if`}
        kind="skip"
        placeholder="workers.available == 0"
        whenEmpty="Empty: never skipped."
        readOnly={readOnly}
        error={problems[`${path}.skip_if`]}
        value={textOf(value.skip_if)}
        onChange={(skip_if) => set({ skip_if })}
      />
      <Autocomplete
        label={labelOf("Best worker first", name)}
        description="By a number among the worker’s attributes; then the longest idle."
        placeholder="worker.level DESC"
        data={(seen?.worker ?? []).map((attribute) => `worker.${attribute} DESC`)}
        readOnly={readOnly}
        error={problems[`${path}.order_by`]}
        value={textOf(value.order_by)}
        onChange={(order_by) => set({ order_by })}
      />
      <div className="stop__known">
        <Autocomplete
          label={labelOf("Only the worker the task names", name)}
          description="The task’s attribute that names one worker."
          placeholder="task.agent_sid"
          data={(seen?.task ?? []).map((attribute) => `task.${attribute}`)}
          readOnly={readOnly}
          error={problems[`${path}.${known}`]}
          value={textOf(value[known])}
          onChange={(given) => set({ [known]: given })}
        />
        <Select
          aria-label={`The attribute of ${name} holds`}
          allowDeselect={false}
          readOnly={readOnly}
          disabled={!textOf(value[known])}
          data={[
            { value: "known_worker_sid", label: "holds a SID" },
            { value: "known_worker_friendly_name", label: "holds a name" },
          ]}
          value={known}
          onChange={(key) => key && key !== known && set({ [known]: "", [key]: textOf(value[known]) })}
        />
      </div>
    </div>
  );
}
