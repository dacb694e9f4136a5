import { Modal, Radio, Select, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import type { Held, Model } from "../core/model";
import { transcriptOf } from "../core/tasks";
import { ActForm } from "./ActForm";
import { work, type WakeTo } from "./api";
import { wakeAt, type WakeWhen } from "./core";

const NAMES = { wake_at: "It comes back at", wake_to: "Then it goes to", note: "Note" };

type Props = { opened: boolean; task: Held; model: Model; onClose: () => void; onGone: () => Promise<void> };

const WHEN: { value: WakeWhen; label: string }[] = [
  { value: "reply", label: "When the customer writes" },
  { value: "hour", label: "Then, or in an hour" },
  { value: "hours", label: "Then, or in three hours" },
  { value: "tomorrow", label: "Then, or tomorrow at 9:00" },
  { value: "custom", label: "Then, or at another time" },
];

/** Let the conversation wait for the customer without taking a place of the agent's. */
export function ParkDialog({ opened, task, model, onClose, onGone }: Props) {
  const [wakeTo, setWakeTo] = useState<WakeTo>("agent");
  const [when, setWhen] = useState<WakeWhen>("reply");
  const [custom, setCustom] = useState("");
  const [note, setNote] = useState("");

  const park = async () => {
    const seen = transcriptOf(model, task.conversation?.sid).messages.at(-1)?.index;
    const at = wakeAt(when, custom, new Date());
    await work.park(task.sid, { wake_to: wakeTo, note: note.trim(), ...(at ? { wake_at: at } : {}), ...(seen === undefined ? {} : { seen_index: seen }) });
    await onGone();
  };

  return (
    <Modal opened={opened} onClose={onClose} title="Park this conversation">
      <ActForm action="Park" refused="Not parked" act={park} names={NAMES} disabled={when === "custom" && !custom} onClose={onClose}>
        <Text size="sm" c="dimmed">
          It leaves your list and takes no place of yours. It stays open for the customer, and flows do not answer meanwhile.
        </Text>
        <Select label="It comes back" data={WHEN} value={when} allowDeselect={false} onChange={(value) => setWhen((value ?? "reply") as WakeWhen)} />
        {when === "custom" && (
          <TextInput type="datetime-local" label="At" required value={custom} onChange={(event) => setCustom(event.currentTarget.value)} />
        )}
        <Radio.Group label="Then it goes to" value={wakeTo} onChange={(value) => setWakeTo(value as WakeTo)}>
          <div className="transfer__choices">
            <Radio value="agent" label="me, while I take tasks; else to this queue" />
            <Radio value="queue" label={task.queue_name ? `anybody of ${task.queue_name}` : "anybody of this queue"} />
            <Radio value="workflow" label="whoever the routing finds" />
          </div>
        </Radio.Group>
        <Textarea label="Note" placeholder="What you are waiting for" autosize minRows={2} maxRows={5} maxLength={1_000} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      </ActForm>
    </Modal>
  );
}
