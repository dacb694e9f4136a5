import { Checkbox, Drawer, NumberInput, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useState } from "react";

import { NotSaved } from "../../app/NotSaved";
import { channelName } from "../../core/channels";
import { useCanEdit, useSave } from "../api";
import { attributesOf, rowProblems, rowsOf, type AttributeRow } from "../core/attributes";
import { FormFoot } from "../FormFoot";
import { NAMES } from "../names";
import type { Routing, RoutingWorker } from "../types";
import { AttributesEditor } from "./AttributesEditor";

type Props = { worker: RoutingWorker | "new" | null; routing: Routing; onClose: () => void };

export function WorkerDrawer({ worker, routing, onClose }: Props) {
  return (
    <Drawer opened={worker !== null} onClose={onClose} position="right" size={560} title={worker === "new" ? "New worker" : (worker?.friendly_name ?? "Worker")}>
      {worker !== null && <Body worker={worker === "new" ? null : worker} routing={routing} onClose={onClose} />}
    </Drawer>
  );
}

type Seat = { task_channel_sid: string; name: string; capacity: number; available: boolean; assigned: number };

function seatsOf(worker: RoutingWorker | null, routing: Routing): Seat[] {
  return routing.task_channels.map((channel) => {
    const own = worker?.channels.find((seat) => seat.task_channel_sid === channel.sid);
    return {
      task_channel_sid: channel.sid,
      name: channel.friendly_name || channelName(channel.unique_name),
      capacity: own?.capacity ?? channel.default_capacity,
      available: own?.available ?? true,
      assigned: own?.assigned ?? 0,
    };
  });
}

function Body({ worker, routing, onClose }: { worker: RoutingWorker | null; routing: Routing; onClose: () => void }) {
  const canEdit = useCanEdit();
  const [name, setName] = useState(worker?.friendly_name ?? "");
  const [activity, setActivity] = useState(worker?.activity_sid ?? routing.workspace.default_activity_sid);
  const [rows, setRows] = useState<AttributeRow[]>(() => rowsOf(worker?.attributes ?? {}));
  const [isJsonWrong, setJsonWrong] = useState(false);
  const [seats, setSeats] = useState(() => seatsOf(worker, routing));
  const [before] = useState(seats);
  const [rejects, setRejects] = useState(false);
  const [shown, setShown] = useState(false);
  const save = useSave<RoutingWorker>("workers", worker?.sid ?? null, onClose);
  const chosen = routing.activities.find(({ sid }) => sid === activity);
  const problems = rowProblems(rows);
  const isActivityChanged = activity !== worker?.activity_sid;
  const setSeat = (sid: string, change: Partial<Seat>) => setSeats(seats.map((seat) => (seat.task_channel_sid === sid ? { ...seat, ...change } : seat)));

  const submit = () => {
    setShown(true);
    if (!name.trim() || isJsonWrong || Object.keys(problems).length > 0) return;
    const changed = seats.filter((seat, index) => !worker || seat.capacity !== before[index]?.capacity || seat.available !== before[index]?.available);
    save.mutate({
      friendly_name: name.trim(),
      attributes: attributesOf(rows),
      // What others changed meanwhile stays: only what was changed here is sent.
      ...(isActivityChanged && activity ? { activity_sid: activity } : {}),
      ...(changed.length > 0 ? { channels: changed.map(({ task_channel_sid, capacity, available }) => ({ task_channel_sid, capacity, available })) } : {}),
      ...(worker && isActivityChanged && chosen && !chosen.available && rejects ? { reject_pending_reservations: true } : {}),
    });
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={NAMES} />
        <TextInput label="Name" readOnly={!canEdit} error={shown && !name.trim() ? "Give the worker a name." : undefined} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select
          label="Activity"
          allowDeselect={false}
          readOnly={!canEdit}
          data={routing.activities.map(({ sid, friendly_name, available }) => ({ value: sid, label: available ? `${friendly_name} (takes tasks)` : friendly_name }))}
          value={activity}
          onChange={setActivity}
        />
        {worker && isActivityChanged && chosen && !chosen.available && canEdit && (
          <Checkbox label="Take back offers this worker has not answered" description="Otherwise the change is refused while there are any." checked={rejects} onChange={(event) => setRejects(event.currentTarget.checked)} />
        )}
        <AttributesEditor rows={rows} problems={shown ? problems : {}} readOnly={!canEdit} onChange={setRows} onJsonWrong={setJsonWrong} />
        <fieldset className="plain">
          <Text component="legend" size="sm" fw={600}>
            Tasks at a time
          </Text>
          <ul className="seats">
            {seats.map((seat) => (
              <li key={seat.task_channel_sid} className="seat">
                <span className="seat__name">
                  {seat.name}
                  {seat.assigned > 0 && <span className="table__sub"> · {seat.assigned} now</span>}
                </span>
                <NumberInput
                  size="xs"
                  w={84}
                  min={0}
                  allowDecimal={false}
                  readOnly={!canEdit}
                  aria-label={`Capacity on ${seat.name}`}
                  value={seat.capacity}
                  onChange={(value) => setSeat(seat.task_channel_sid, { capacity: Number(value) || 0 })}
                />
                <Switch size="sm" aria-label={`Takes tasks on ${seat.name}`} disabled={!canEdit} checked={seat.available} onChange={(event) => setSeat(seat.task_channel_sid, { available: event.currentTarget.checked })} />
              </li>
            ))}
          </ul>
        </fieldset>
      </Stack>
      <FormFoot label="Save worker" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}
