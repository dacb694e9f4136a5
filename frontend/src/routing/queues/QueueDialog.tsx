import { Modal, NumberInput, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import { NotSaved } from "../../app/NotSaved";
import { inFormsWords } from "../../core/refusals";
import { placeOf, useCanEdit, useSave } from "../api";
import { ExpressionField } from "../expressions/ExpressionField";
import { FormFoot } from "../FormFoot";
import { NAMES } from "../names";
import type { Order, Queue } from "../types";

type Props = { queue: Queue | "new" | null; onClose: () => void };

export function QueueDialog({ queue, onClose }: Props) {
  return (
    <Modal opened={queue !== null} onClose={onClose} size="lg" title={queue === "new" ? "New queue" : "Queue"}>
      {queue !== null && <Body queue={queue === "new" ? null : queue} onClose={onClose} />}
    </Modal>
  );
}

type Draft = Pick<Queue, "friendly_name" | "target_workers" | "task_order" | "max_reserved_workers">;

function draftOf(queue: Queue | null): Draft {
  if (!queue) return { friendly_name: "", target_workers: "", task_order: "FIFO", max_reserved_workers: 1 };
  const { friendly_name, target_workers, task_order, max_reserved_workers } = queue;
  return { friendly_name, target_workers, task_order, max_reserved_workers };
}

function Body({ queue, onClose }: { queue: Queue | null; onClose: () => void }) {
  const canEdit = useCanEdit();
  const [draft, setDraft] = useState(() => draftOf(queue));
  const [shown, setShown] = useState(false);
  const save = useSave<Queue>("queues", queue?.sid ?? null, onClose);
  const set = (change: Partial<Draft>) => {
    save.reset();
    setDraft((before) => ({ ...before, ...change }));
  };
  const place = placeOf(save.error);
  const isNamed = draft.friendly_name.trim() !== "";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setShown(true);
        if (isNamed) save.mutate(draft);
      }}
    >
      <Stack gap="md">
        <NotSaved error={place ? null : save.error} names={NAMES} />
        <TextInput
          data-autofocus
          label="Name"
          placeholder="German billing"
          readOnly={!canEdit}
          error={shown && !isNamed ? "Give the queue a name." : undefined}
          value={draft.friendly_name}
          onChange={(event) => set({ friendly_name: event.currentTarget.value })}
        />
        <ExpressionField
          label="Workers of this queue"
          description="Which workers may take its tasks, by their attributes. 1==1 is everybody."
          kind="queue"
          placeholder={'skills HAS "billing" AND languages HAS "de"'}
          whenEmpty="Empty: nobody takes its tasks; they wait."
          readOnly={!canEdit}
          error={place && save.error ? inFormsWords(save.error.message, NAMES) : undefined}
          value={draft.target_workers}
          onChange={(target_workers) => set({ target_workers })}
        />
        <div>
          <Text size="sm" fw={600} mb={6} id="task-order">
            Which task goes first
          </Text>
          <SegmentedControl
            fullWidth
            readOnly={!canEdit}
            aria-labelledby="task-order"
            data={[
              { value: "FIFO", label: "The oldest" },
              { value: "LIFO", label: "The newest" },
            ]}
            value={draft.task_order}
            onChange={(order) => set({ task_order: order as Order })}
          />
        </div>
        <NumberInput
          label="Workers asked at once"
          description="How many get the offer of one task; the first to accept has it."
          min={1}
          max={50}
          allowDecimal={false}
          clampBehavior="strict"
          readOnly={!canEdit}
          value={draft.max_reserved_workers}
          onChange={(value) => set({ max_reserved_workers: Number(value) || 1 })}
        />
      </Stack>
      <FormFoot label="Save queue" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}
