import { ActionIcon, Button, Group, Menu, Modal, Select, Stack, TextInput } from "@mantine/core";
import { IconArrowBackUp, IconCheck, IconDots } from "@tabler/icons-react";
import { useState } from "react";

import { steerTask, useAct } from "./api";
import type { QueueFigures } from "./types";

type Props = { sid: string; status: string; name: string; queues: QueueFigures[]; onDone?: () => void };

/** End a stuck task or put it back into a queue, with a reason on record. */
export function TaskActions({ sid, status, name, queues, onDone }: Props) {
  const [action, setAction] = useState<"requeue" | "end" | null>(null);
  const isWorkedOn = status === "assigned" || status === "wrapping";
  const ending = isWorkedOn ? "Complete" : "Cancel";
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`More for ${name || "the task"}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {status === "assigned" && (
            <Menu.Item leftSection={<IconArrowBackUp size={16} />} onClick={() => setAction("requeue")}>
              Put back into a queue…
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconCheck size={16} />} onClick={() => setAction("end")}>
            {ending} the task…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {action && (
        <Modal opened onClose={() => setAction(null)} title={action === "end" ? `${ending} the task of ${name || "nobody"}` : `Put ${name || "the task"} back into a queue`}>
          <Form sid={sid} action={action} verb={action === "end" ? `${ending} the task` : "Put back"} queues={queues} onClose={() => setAction(null)} onDone={onDone} />
        </Modal>
      )}
    </>
  );
}

type FormProps = { sid: string; action: "requeue" | "end"; verb: string; queues: QueueFigures[]; onClose: () => void; onDone?: () => void };

function Form({ sid, action, verb, queues, onClose, onDone }: FormProps) {
  const [outcome, setOutcome] = useState("");
  const [queue, setQueue] = useState<string | null>(null);
  const act = useAct((body: Parameters<typeof steerTask>[1]) => steerTask(sid, body), () => {
    onClose();
    onDone?.();
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        act.mutate({ action, outcome, queue_sid: queue ?? undefined });
      }}
    >
      <Stack gap="md">
        {action === "requeue" && (
          <Select label="Queue" placeholder="The one it came from" clearable searchable data={queues.map((each) => ({ value: each.sid, label: each.name }))} value={queue} onChange={setQueue} />
        )}
        <TextInput label="Why" description="Kept as the task's outcome, in reports and in the audit log." required maxLength={200} data-autofocus value={outcome} onChange={(event) => setOutcome(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Leave it
          </Button>
          <Button type="submit" loading={act.isPending} disabled={!outcome.trim()}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
