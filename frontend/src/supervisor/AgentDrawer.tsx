import { Button, Checkbox, Drawer, Group, NumberInput, Select, Stack, Switch, TagsInput, Text, Title } from "@mantine/core";
import { IconEye } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";

import { channelName } from "../core/channels";
import { readableName } from "../console/core/tasks";
import { changeAgent, useAct, useAgents, type AgentChange } from "./api";
import { clock, secondsSince } from "./core/text";
import { TaskActions } from "./TaskActions";
import type { Agent, AgentPage, QueueFigures } from "./types";
import { useNow } from "./useNow";

type Props = { agent: Agent; activities: AgentPage["activities"]; queues: QueueFigures[]; onClose: () => void };

/** One agent: what they do, and what a supervisor may change about it. */
export function AgentDrawer({ agent, activities, queues, onClose }: Props) {
  // The row may be far out of sight by now: the drawer keeps itself up to date.
  const fresh = useAgents({ activity_sid: "", team: "", skill: "", queue_sid: "", text: agent.worker_name, sort: "name" }, 0);
  const shown = fresh.data?.agents.find(({ sid }) => sid === agent.sid) ?? agent;
  return (
    <Drawer opened onClose={onClose} title={shown.name} position="right" size="md">
      <Stack gap="lg">
        <Doing agent={shown} queues={queues} />
        <Form key={agent.sid} agent={shown} activities={activities} />
      </Stack>
    </Drawer>
  );
}

function Doing({ agent, queues }: { agent: Agent; queues: QueueFigures[] }) {
  const now = useNow();
  return (
    <section aria-label="Work">
      <Text size="sm">
        <i className={`dot ${agent.available ? "dot--on" : ""}`} aria-hidden /> {agent.activity} for {clock(secondsSince(agent.since, now))}
      </Text>
      {agent.tasks.length === 0 && (
        <Text size="sm" c="dimmed">
          No work at the moment.
        </Text>
      )}
      <ul className="work">
        {agent.tasks.map((task) => (
          <li key={task.task_sid} className="card">
            <div className="work__text">
              <strong className="clip">{readableName(task.customer) || "Task without a conversation"}</strong>
              <span className="table__sub">
                {channelName(task.channel_type)} · {task.queue?.name ?? "no queue"} · {task.status} · {clock(task.accepted_at ? secondsSince(task.accepted_at, now) : task.age)}
              </span>
            </div>
            <Group gap={4} wrap="nowrap">
              {task.conversation_sid && (
                <Button component={Link} to={`/supervisor/chats/${task.conversation_sid}`} size="compact-sm" variant="light" leftSection={<IconEye size={15} />} aria-label={`Monitor ${readableName(task.customer)}`}>
                  Monitor
                </Button>
              )}
              <TaskActions sid={task.task_sid} status={task.status} name={readableName(task.customer)} queues={queues} />
            </Group>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Form({ agent, activities }: { agent: Agent; activities: AgentPage["activities"] }) {
  const [activity, setActivity] = useState(agent.activity_sid);
  const [rejecting, setRejecting] = useState(false);
  const [skills, setSkills] = useState(agent.skills);
  const [seats, setSeats] = useState(agent.channels);
  const save = useAct((change: AgentChange) => changeAgent(agent.sid, change));
  const isOffered = agent.tasks.some(({ status }) => status === "offered");
  const becomesUnavailable = activities.some(({ sid, available }) => sid === activity && !available);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({
          activity_sid: activity === agent.activity_sid ? undefined : activity,
          skills,
          channels: Object.fromEntries(seats.map(({ channel, capacity, available }) => [channel, { capacity, available }])),
          reject_pending_reservations: rejecting || undefined,
        });
      }}
    >
      <Stack gap="md">
        <Select label="Activity" allowDeselect={false} data={activities.map(({ sid, name }) => ({ value: sid, label: name }))} value={activity} onChange={(value) => value && setActivity(value)} />
        {isOffered && becomesUnavailable && (
          <Checkbox label="Offer the waiting work to others first" checked={rejecting} onChange={(event) => setRejecting(event.currentTarget.checked)} />
        )}
        <TagsInput label="Skills" description="Queues that ask for a skill find the agent at once." value={skills} onChange={setSkills} maxLength={100} clearable />
        <fieldset className="plain">
          <Title order={3} size="h6" mb={6}>
            Capacity
          </Title>
          {seats.map((seat, index) => {
            const change = (part: Partial<typeof seat>) => setSeats(seats.map((each, place) => (place === index ? { ...each, ...part } : each)));
            return (
              <div key={seat.channel} className="seat">
                <span className="seat__name">{seat.name}</span>
                <NumberInput aria-label={`Capacity for ${seat.name}`} size="xs" w={74} min={0} max={1000} allowDecimal={false} value={seat.capacity} onChange={(value) => typeof value === "number" && change({ capacity: value })} />
                <Switch aria-label={`${agent.name} gets work from ${seat.name}`} size="sm" checked={seat.available} onChange={(event) => change({ available: event.currentTarget.checked })} />
              </div>
            );
          })}
        </fieldset>
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            Save the changes
          </Button>
        </Group>
        {save.isSuccess && (
          <Text size="sm" c="dimmed" role="status">
            Saved, and noted in the audit log.
          </Text>
        )}
      </Stack>
    </form>
  );
}
