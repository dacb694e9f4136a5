import { Badge, Button, Modal, Select, Stack, Switch, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconActivity, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { NotSaved } from "../../app/NotSaved";
import { PanelHead } from "../../app/PanelHead";
import { EmptyState } from "../../app/states";
import { useCanEdit, useRemove, useSave } from "../api";
import { FormFoot } from "../FormFoot";
import { NAMES } from "../names";
import { RowActions } from "../RowActions";
import type { Routing, RoutingActivity } from "../types";
import { useSaveWorkspace } from "./useSaveWorkspace";

/** What workers can be doing, and which of these means that they take tasks. */
export function ActivitiesPanel({ routing }: { routing: Routing }) {
  const canEdit = useCanEdit();
  const remove = useRemove("activities");
  const workspace = useSaveWorkspace();
  const [edited, setEdited] = useState<RoutingActivity | "new" | null>(null);
  const { activities } = routing;
  const choices = activities.map(({ sid, friendly_name }) => ({ value: sid, label: friendly_name }));
  const add = canEdit && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
      New activity
    </Button>
  );
  return (
    <>
      <PanelHead action={activities.length > 0 && add}>Agents choose their activity in the console. Tasks are offered only in one that is available.</PanelHead>
      {activities.length === 0 ? (
        <EmptyState icon={<IconActivity size={26} stroke={1.6} />} title="No activity yet" action={add}>
          Make at least one in which tasks are taken, and one in which they are not.
        </EmptyState>
      ) : (
        <div className="card table-scroll" role="region" aria-label="Activities">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Activity</th>
                <th scope="col">Takes tasks</th>
                <th scope="col" className="num">
                  Workers in it
                </th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {activities.map((activity) => (
                <tr key={activity.sid}>
                  <th scope="row">{activity.friendly_name}</th>
                  <td>
                    <Badge variant="light" color={activity.available ? "petrol" : "gray"}>
                      {activity.available ? "Yes" : "No"}
                    </Badge>
                  </td>
                  <td className="num">{activity.worker_count}</td>
                  <td className="table__actions">
                    <RowActions
                      noun="activity"
                      name={activity.friendly_name}
                      onOpen={canEdit ? () => setEdited(activity) : undefined}
                      onDelete={() => remove.mutate(activity.sid)}
                      warning={`Nobody can be ${activity.friendly_name} any more. An activity that somebody is in is not deleted.`}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <div className="card routing__options">
        <Select
          label="New workers begin in"
          allowDeselect={false}
          readOnly={!canEdit}
          data={choices}
          value={routing.workspace.default_activity_sid}
          onChange={(sid) => sid && workspace.mutate({ default_activity_sid: sid })}
        />
        <Select
          label="Who lets an offer run out goes to"
          allowDeselect={false}
          readOnly={!canEdit}
          data={choices}
          value={routing.workspace.timeout_activity_sid}
          onChange={(sid) => sid && workspace.mutate({ timeout_activity_sid: sid })}
        />
      </div>
      <Modal opened={edited !== null} onClose={() => setEdited(null)} title={edited === "new" ? "New activity" : "Activity"}>
        {edited !== null && <ActivityForm activity={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      </Modal>
    </>
  );
}

function ActivityForm({ activity, onClose }: { activity: RoutingActivity | null; onClose: () => void }) {
  const [name, setName] = useState(activity?.friendly_name ?? "");
  const [available, setAvailable] = useState(activity?.available ?? false);
  const [shown, setShown] = useState(false);
  const save = useSave<RoutingActivity>("activities", activity?.sid ?? null, (row) => {
    notifications.show({ title: "Activity saved", message: row.friendly_name });
    onClose();
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setShown(true);
        if (name.trim()) save.mutate(activity ? { friendly_name: name.trim() } : { friendly_name: name.trim(), available });
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={NAMES} />
        <TextInput data-autofocus label="Name" maxLength={64} error={shown && !name.trim() ? "Give the activity a name." : undefined} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Switch
          label="Workers in it take tasks"
          description={activity ? "Fixed when the activity was made." : "This cannot be changed later."}
          disabled={activity !== null}
          checked={available}
          onChange={(event) => setAvailable(event.currentTarget.checked)}
        />
      </Stack>
      <FormFoot label="Save activity" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}
