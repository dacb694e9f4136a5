import { Checkbox, Modal, SegmentedControl, Tabs, Text, Textarea, TextInput } from "@mantine/core";
import { IconSearch, IconStack2, IconUser } from "@tabler/icons-react";
import { useState } from "react";

import { EmptyState, ErrorState, LoadingState } from "../../app/states";
import { clockText } from "../core/format";
import type { Held } from "../core/model";
import { customerName } from "../core/tasks";
import { ActForm } from "./ActForm";
import { useDirectory, work, type Directory } from "./api";
import { loadOf, obstacle, queueLoadOf, shownOf } from "./core";

type Props = { opened: boolean; task: Held; onClose: () => void; onDone: () => Promise<void> };

/** Whom to give the conversation to, or to ask in: agents and queues with how busy they are. */
export function TransferDialog({ opened, task, onClose, onDone }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} size="lg" title={`Transfer ${customerName(task)}`}>
      {opened && <Body task={task} onClose={onClose} onDone={onDone} />}
    </Modal>
  );
}

function Body({ task, onClose, onDone }: Omit<Props, "opened">) {
  const directory = useDirectory(task.sid, true);
  const [tab, setTab] = useState<string | null>("agents");
  const [search, setSearch] = useState("");
  const [all, setAll] = useState(false);
  const [to, setTo] = useState("");
  const [type, setType] = useState<"warm" | "cold">("warm");
  const [note, setNote] = useState("");

  if (directory.isPending) return <LoadingState label="Reading the directory" />;
  if (directory.isError && !directory.data) {
    return <ErrorState title="The directory cannot be read" error={directory.error} onRetry={() => void directory.refetch()} />;
  }
  const shown = shownOf(directory.data, { search, unavailable: all, empty: all });
  const send = async () => {
    try {
      await work.transfer(task.sid, { type, to, note: note.trim() });
    } catch (error) {
      void directory.refetch();
      throw error;
    }
    onClose();
    await onDone();
  };
  return (
    <ActForm
      action={type === "warm" ? "Ask to join" : "Hand over"} refused="Not transferred" act={send} names={{ to: "The agent or queue", note: "Note" }} disabled={!to}
      onClose={onClose}
    >
      <TextInput
        data-autofocus
        aria-label="Search agents and queues"
        placeholder="Search agents and queues"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
      />
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="agents" leftSection={<IconUser size={15} aria-hidden />}>
            Agents ({shown.agents.length})
          </Tabs.Tab>
          <Tabs.Tab value="queues" leftSection={<IconStack2 size={15} aria-hidden />}>
            Queues ({shown.queues.length})
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="agents">
          <Agents directory={shown} to={to} onChoose={setTo} />
        </Tabs.Panel>
        <Tabs.Panel value="queues">
          <Queues directory={shown} to={to} onChoose={setTo} />
        </Tabs.Panel>
      </Tabs>
      <Checkbox
        label={tab === "queues" ? "Show queues with nobody available, and hidden ones" : "Show agents who take no tasks now"}
        checked={all}
        onChange={(event) => setAll(event.currentTarget.checked)}
      />
      <SegmentedControl
        fullWidth
        aria-label="How to transfer"
        value={type}
        onChange={(value) => setType(value as "warm" | "cold")}
        data={[
          { value: "warm", label: "Ask to join" },
          { value: "cold", label: "Hand over" },
        ]}
      />
      <Text size="sm" c="dimmed" mt={-6}>
        {type === "warm" ? "You stay until you leave; until then you can take it back." : "You leave at once. If a chosen agent declines, the customer goes back to your queue."}
      </Text>
      <Textarea
        label="Note for the colleague"
        placeholder="What it is about, and what has been tried"
        autosize
        minRows={2}
        maxRows={5}
        maxLength={1_000}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
    </ActForm>
  );
}

type ListProps = { directory: Directory; to: string; onChoose: (sid: string) => void };

function Agents({ directory, to, onChoose }: ListProps) {
  if (!directory.agents.length) return <EmptyState title="No agent to choose">Nobody who takes tasks fits. Queues find somebody as soon as there is one.</EmptyState>;
  return (
    <div className="directory" role="radiogroup" aria-label="Agents">
      {directory.agents.map((agent) => {
        const why = obstacle(agent);
        return (
          <Choice key={agent.sid} sid={agent.sid} name={agent.name} detail={why ? why : loadOf(agent)} tone={why ? "off" : agent.has_room ? "ok" : "busy"} disabled={why !== null} chosen={to} onChoose={onChoose} />
        );
      })}
    </div>
  );
}

function Queues({ directory, to, onChoose }: ListProps) {
  if (!directory.queues.length) return <EmptyState title="No queue to choose">None with an available agent fits. Show the others to let the customer wait there.</EmptyState>;
  return (
    <div className="directory" role="radiogroup" aria-label="Queues">
      {directory.queues.map((queue) => (
        <Choice
          key={queue.sid}
          sid={queue.sid}
          name={queue.name}
          detail={`${queueLoadOf(queue)}${queue.longest_wait ? ` · longest ${clockText(queue.longest_wait)}` : ""}`}
          tone={queue.available ? (queue.waiting ? "busy" : "ok") : "off"}
          disabled={false}
          chosen={to}
          onChoose={onChoose}
        />
      ))}
    </div>
  );
}

type ChoiceProps = {
  sid: string;
  name: string;
  detail: string;
  tone: "ok" | "busy" | "off";
  disabled: boolean;
  chosen: string;
  onChoose: (sid: string) => void;
};

function Choice({ sid, name, detail, tone, disabled, chosen, onChoose }: ChoiceProps) {
  return (
    <label className={`directory__row ${chosen === sid ? "directory__row--chosen" : ""} ${disabled ? "directory__row--off" : ""}`}>
      <input type="radio" name="to" value={sid} checked={chosen === sid} disabled={disabled} onChange={() => onChoose(sid)} />
      <span className="directory__name clip" dir="auto">
        {name}
      </span>
      <span className={`directory__load directory__load--${tone}`}>{detail}</span>
    </label>
  );
}
