import { Button, Group, MultiSelect, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch, IconUsers } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { TableVirtuoso, type TableComponents } from "react-virtuoso";

import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { readableName } from "../console/core/tasks";
import { AgentDrawer } from "./AgentDrawer";
import { PAGE, useAgents, useWallboard, type AgentFilters } from "./api";
import { clock, secondsSince } from "./core/text";
import { Running } from "./Running";
import { StateMark } from "./StateMark";
import type { Agent, Colours } from "./types";
import { useNow } from "./useNow";
import { tinted } from "./core/tint";

const SORTS = [
  { value: "name", label: "Name" },
  { value: "activity", label: "Activity" },
  { value: "since", label: "Longest in activity" },
  { value: "tasks", label: "Most work" },
  { value: "handle_time", label: "Longest handle time" },
];

/** Everybody on the floor. Only what is in sight is read and drawn, so a thousand are as quick as ten. */
export function AgentsPanel() {
  const [activities, setActivities] = useState<string[]>([]);
  const [team, setTeam] = useState<string | null>(null);
  const [skill, setSkill] = useState<string | null>(null);
  const [queue, setQueue] = useState<string | null>(null);
  const [text, setText] = useState("");
  const [sort, setSort] = useState("name");
  const [chosen, setChosen] = useState<Agent | null>(null);
  const [searched] = useDebouncedValue(text.trim(), 250);
  const board = useWallboard("today");
  const filters: AgentFilters = {
    activity_sid: activities.join(","), team: team ?? "", skill: skill ?? "", queue_sid: queue ?? "", text: searched, sort,
  };
  const first = useAgents(filters, 0);
  const total = first.data?.total ?? 0;
  const facets = first.data?.facets;
  const isFiltered = Boolean(filters.activity_sid || filters.team || filters.skill || filters.queue_sid || filters.text);
  const clear = () => {
    setActivities([]);
    setTeam(null);
    setSkill(null);
    setQueue(null);
    setText("");
  };
  return (
    <>
      <Group mb="md" gap="sm" align="flex-end" className="filters">
        <TextInput label="Find" w={190} placeholder="Name, team, skill" leftSection={<IconSearch size={16} />} value={text} onChange={(event) => setText(event.currentTarget.value)} />
        <MultiSelect label="Activity" w={190} clearable placeholder={activities.length ? undefined : "Every activity"} data={(first.data?.activities ?? []).map(({ sid, name }) => ({ value: sid, label: name }))} value={activities} onChange={setActivities} />
        <Select label="Team" w={150} clearable searchable placeholder="Every team" data={(facets?.teams ?? []).map(({ name, agents }) => ({ value: name, label: `${name} (${agents})` }))} value={team} onChange={setTeam} />
        <Select label="Skill" w={150} clearable searchable placeholder="Every skill" data={(facets?.skills ?? []).map(({ name, agents }) => ({ value: name, label: `${name} (${agents})` }))} value={skill} onChange={setSkill} />
        <Select label="Queue" w={150} clearable searchable placeholder="Every queue" data={(board.data?.queues ?? []).map(({ sid, name }) => ({ value: sid, label: name }))} value={queue} onChange={setQueue} />
        <Select label="Order" w={170} allowDeselect={false} data={SORTS} value={sort} onChange={(value) => setSort(value ?? "name")} />
      </Group>
      {first.isPending && <LoadingState label="Reading the agents" />}
      {first.isError && !first.data && <ErrorState title="The agents cannot be read" error={first.error} onRetry={() => void first.refetch()} />}
      {first.data && total === 0 && (
        <EmptyState
          icon={<IconUsers size={26} stroke={1.6} />}
          title={isFiltered ? "No agent like this" : "No agents yet"}
          action={isFiltered ? <Button variant="default" onClick={clear}>Clear the filters</Button> : undefined}
        >
          {isFiltered ? "Nobody fits all of the filters above." : "Let people take tasks under Settings, People."}
        </EmptyState>
      )}
      {total > 0 && (
        <>
          <p className="hint" role="status">
            {total === 1 ? "1 agent" : `${total.toLocaleString("en")} agents`}
          </p>
          <AgentTable key={JSON.stringify(filters)} filters={filters} total={total} colours={board.data?.goals.colours} onOpen={setChosen} />
        </>
      )}
      {chosen && <AgentDrawer agent={chosen} activities={first.data?.activities ?? []} queues={board.data?.queues ?? []} onClose={() => setChosen(null)} />}
    </>
  );
}

type TableProps = { filters: AgentFilters; total: number; colours: Colours | undefined; onOpen: (agent: Agent) => void };

function AgentTable({ filters, total, colours, onOpen }: TableProps) {
  const [top, setTop] = useState(0);
  const page = Math.floor(top / PAGE);
  // Two pages: what is in sight may lie over the border between them.
  const near = useAgents(filters, page * PAGE);
  const next = useAgents(filters, (page + 1) * PAGE, (page + 1) * PAGE < total);
  const rows = useMemo(() => {
    const found = new Map<number, { agent: Agent; readAt: number }>();
    for (const [data, readAt] of [[near.data, near.dataUpdatedAt], [next.data, next.dataUpdatedAt]] as const) {
      data?.agents.forEach((agent, index) => found.set(data.offset + index, { agent, readAt }));
    }
    return found;
  }, [near.data, near.dataUpdatedAt, next.data, next.dataUpdatedAt]);
  return (
    <div className="card agents" role="region" aria-label="Agents">
      <TableVirtuoso
        style={{ height: Math.min(total * 57 + 46, 620) }}
        totalCount={total}
        components={TABLE}
        rangeChanged={({ startIndex }) => setTop(startIndex)}
        fixedHeaderContent={Head}
        itemContent={(index) => {
          const row = rows.get(index);
          return row ? <Row {...row} colours={colours} onOpen={onOpen} /> : <Waiting />;
        }}
      />
    </div>
  );
}

const TABLE: TableComponents = {
  Table: (props) => <table {...props} className="table" />,
  TableRow: (props) => <tr {...props} />,
};

function Head() {
  return (
    <tr>
      <th scope="col">Agent</th>
      <th scope="col">Activity</th>
      <th scope="col">Work</th>
      <th scope="col" className="num">Handle time</th>
      <th scope="col">Teams and skills</th>
      <th scope="col" className="num">Capacity</th>
    </tr>
  );
}

function Waiting() {
  return (
    <td colSpan={6} className="agents__loading">
      …
    </td>
  );
}

function Row({ agent, readAt, colours, onOpen }: { agent: Agent; readAt: number; colours?: Colours; onOpen: (agent: Agent) => void }) {
  const now = useNow();
  const busiest = agent.channels.filter(({ available }) => available);
  return (
    <>
      <td>
        <button type="button" className="agents__name" title={agent.name} onClick={() => onOpen(agent)}>
          {agent.name}
        </button>
      </td>
      <td>
        <i className={`dot ${agent.available ? "dot--on" : ""}`} aria-hidden /> <span className="clip">{agent.activity}</span>
        <div className="table__sub">{clock(secondsSince(agent.since, now))}</div>
      </td>
      <td>
        <span className="clip">{agent.tasks.length === 0 ? "–" : readableName(agent.tasks[0]!.customer) || agent.tasks[0]!.queue?.name || "A task"}</span>
        <div className="table__sub">
          {agent.tasks.length > 1 ? `and ${agent.tasks.length - 1} more` : agent.tasks.length === 1 ? (agent.tasks[0]!.queue?.name ?? "") : ""}
        </div>
      </td>
      <td className="num">
        <span className="figure" data-state={agent.handle_state || undefined} style={tinted(agent.handle_state, colours)}>
          <Running seconds={agent.handle_seconds} readAt={readAt} />
          <StateMark state={agent.handle_state} />
        </span>
      </td>
      <td>
        <span className="clip" title={agent.teams.join(", ")}>{agent.teams.join(", ") || (agent.skills.length ? "No team" : "–")}</span>
        <div className="table__sub clip" title={agent.skills.join(", ")}>{agent.skills.join(", ")}</div>
      </td>
      <td className="num">
        {busiest.reduce((sum, seat) => sum + seat.assigned, 0)}/{busiest.reduce((most, seat) => Math.max(most, seat.capacity), 0)}
      </td>
    </>
  );
}
