import { Badge, Button, Modal, NumberInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { NotSaved } from "../../app/NotSaved";
import { PanelHead } from "../../app/PanelHead";
import { useCanEdit, useRemove, useSave } from "../api";
import { FormFoot } from "../FormFoot";
import { NAMES } from "../names";
import { RowActions } from "../RowActions";
import type { Order, Routing, TaskChannel, Workspace } from "../types";
import { useSaveWorkspace } from "./useSaveWorkspace";

/** The kinds of work, each with a capacity of its own; and how they share the workers. */
export function TaskChannelsPanel({ routing }: { routing: Routing }) {
  const canEdit = useCanEdit();
  const remove = useRemove("task-channels");
  const workspace = useSaveWorkspace();
  const [edited, setEdited] = useState<TaskChannel | "new" | null>(null);
  return (
    <>
      <PanelHead
        action={
          canEdit && (
            <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
              New task channel
            </Button>
          )
        }
      >
        A task channel is a kind of work. A worker has a capacity on each: three chats at a time, one call.
      </PanelHead>
      <div className="card table-scroll" role="region" aria-label="Task channels">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Task channel</th>
              <th scope="col">Unique name</th>
              <th scope="col" className="num">
                New workers take
              </th>
              <th scope="col">Longest idle</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {routing.task_channels.map((channel) => (
              <tr key={channel.sid}>
                <th scope="row">
                  {channel.friendly_name}{" "}
                  {channel.is_built_in && (
                    <Badge variant="light" color="gray" size="sm">
                      built in
                    </Badge>
                  )}
                </th>
                <td>
                  <code className="mono">{channel.unique_name}</code>
                </td>
                <td className="num">{channel.default_capacity}</td>
                <td className="table__sub">{channel.channel_optimized_routing ? "on this channel" : "on any channel"}</td>
                <td className="table__actions">
                  <RowActions
                    noun="task channel"
                    name={channel.friendly_name}
                    onOpen={canEdit ? () => setEdited(channel) : undefined}
                    onDelete={channel.is_built_in ? undefined : () => remove.mutate(channel.sid)}
                    warning={`No new task can be of the channel ${channel.unique_name}.`}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="card routing__options">
        <Select
          label="Fairness between channels"
          description="In turns, a backlog of chats does not keep other channels waiting behind it."
          allowDeselect={false}
          readOnly={!canEdit}
          data={[
            { value: "none", label: "By priority and age only" },
            { value: "round_robin", label: "In turns, at the same priority" },
          ]}
          value={routing.workspace.channel_fairness}
          onChange={(value) => value && workspace.mutate({ channel_fairness: value as Workspace["channel_fairness"] })}
        />
        <Select
          label="Between queues of both orders"
          description="Where a worker could take from an oldest-first and a newest-first queue."
          allowDeselect={false}
          readOnly={!canEdit}
          data={[
            { value: "FIFO", label: "Oldest-first queues go first" },
            { value: "LIFO", label: "Newest-first queues go first" },
          ]}
          value={routing.workspace.prioritize_queue_order}
          onChange={(value) => value && workspace.mutate({ prioritize_queue_order: value as Order })}
        />
      </div>
      <Modal opened={edited !== null} onClose={() => setEdited(null)} title={edited === "new" ? "New task channel" : "Task channel"}>
        {edited !== null && <ChannelForm channel={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      </Modal>
    </>
  );
}

function ChannelForm({ channel, onClose }: { channel: TaskChannel | null; onClose: () => void }) {
  const [name, setName] = useState(channel?.friendly_name ?? "");
  const [unique, setUnique] = useState(channel?.unique_name ?? "");
  const [capacity, setCapacity] = useState(channel?.default_capacity ?? 1);
  const [optimized, setOptimized] = useState(channel?.channel_optimized_routing ?? false);
  const [shown, setShown] = useState(false);
  const save = useSave<TaskChannel>("task-channels", channel?.sid ?? null, onClose);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setShown(true);
        if (!name.trim() || !unique.trim()) return;
        const body = { friendly_name: name.trim(), default_capacity: capacity, channel_optimized_routing: optimized };
        save.mutate(channel ? body : { ...body, unique_name: unique.trim() });
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={NAMES} />
        <TextInput data-autofocus label="Name" placeholder="E-mail" error={shown && !name.trim() ? "Give the task channel a name." : undefined} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          label="Unique name"
          description="What tasks and flows name it by; it stays."
          placeholder="email"
          disabled={channel !== null}
          error={shown && !unique.trim() ? "Give it a unique name." : undefined}
          value={unique}
          onChange={(event) => setUnique(event.currentTarget.value)}
        />
        <NumberInput label="Capacity of new workers" description="Workers there are keep theirs." min={0} allowDecimal={false} value={capacity} onChange={(value) => setCapacity(Number(value) || 0)} />
        <Switch label="Prefer who has been idle longest on this channel" checked={optimized} onChange={(event) => setOptimized(event.currentTarget.checked)} />
      </Stack>
      <FormFoot label="Save task channel" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}
