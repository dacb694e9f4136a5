import { Button, Group, SegmentedControl, Switch, Text, Title } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconUsers } from "@tabler/icons-react";
import { useState } from "react";

import { useSession } from "../app/session";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { TableScroll } from "../app/TableScroll";
import { channelName } from "../core/channels";
import { useWallboard } from "./api";
import { percent } from "./core/text";
import { GoalsDrawer } from "./GoalsDrawer";
import { HelpList } from "./HelpList";
import { Running } from "./Running";
import { StateMark } from "./StateMark";
import { isMuted, setMuted } from "./core/muted";
import { tinted } from "./core/tint";
import type { ActivityFigures, ChannelFigures, Colours, QueueFigures, State, Wallboard } from "./types";

const WINDOWS = [
  { value: "15m", label: "15 min" },
  { value: "1h", label: "1 h" },
  { value: "4h", label: "4 h" },
  { value: "today", label: "Today" },
];

/** Who waits, how long, and who is there to help; read anew whenever the socket says that something is different. */
export function WallboardPanel() {
  const [window, setWindow] = useState("today");
  const [editing, setEditing] = useState(false);
  const [muted, keepMuted] = useState(isMuted);
  const { user } = useSession();
  const query = useWallboard(window);
  const mute = (wanted: boolean) => {
    setMuted(wanted);
    keepMuted(wanted);
  };
  if (query.isPending) return <LoadingState label="Reading the floor" />;
  if (!query.data) return <ErrorState title="The floor cannot be read" error={query.error!} onRetry={() => void query.refetch()} />;
  const board = query.data;
  return (
    <>
      <Group justify="space-between" mb="md" gap="sm">
        <SegmentedControl size="xs" data={WINDOWS} value={window} onChange={setWindow} aria-label="Service level of" />
        <Group gap="sm">
          {query.isError && (
            <Text size="sm" c="var(--fd-danger)" role="status">
              No news from the server: figures are old
            </Text>
          )}
          <Switch size="sm" label="Help alerts on every page" checked={!muted} onChange={(event) => mute(!event.currentTarget.checked)} />
          {user.role === "admin" && (
            <Button variant="default" size="xs" leftSection={<IconAdjustmentsHorizontal size={16} />} onClick={() => setEditing(true)}>
              Goals and colours
            </Button>
          )}
        </Group>
      </Group>
      <HelpList help={board.help} />
      <Board board={board} readAt={query.dataUpdatedAt} />
      {editing && <GoalsDrawer goals={board.goals} queues={board.queues} channels={board.channels} onClose={() => setEditing(false)} />}
    </>
  );
}

export function Board({ board, readAt }: { board: Wallboard; readAt: number }) {
  const { totals, goals } = board;
  const good = goals.colours;
  return (
    <div className="board">
      <section aria-label="All queues" className="tiles">
        <Tile label="Waiting" value={String(totals.waiting)} state={totals.states.waiting} colours={good} note={totals.offered ? `${totals.offered} offered` : undefined} />
        <Tile label="Longest wait" value={<Running seconds={totals.longest_wait} readAt={readAt} />} state={totals.states.longest_wait} colours={good} />
        <Tile
          label={`Within ${totals.service_level_seconds} s`}
          value={percent(totals.service_level)}
          state={totals.states.service_level}
          colours={good}
          note={`${totals.accepted} accepted, ${totals.abandoned} lost`}
        />
        <Tile label="In conversation" value={String(totals.assigned)} state="" colours={good} note={totals.wrapping ? `${totals.wrapping} wrapping up` : undefined} />
      </section>
      <div className="board__columns">
        <div>
          <Title order={2} size="h4" mb="xs">
            Queues
          </Title>
          <FiguresTable readAt={readAt} rows={board.queues} colours={good} name={(row) => row.name} />
          <Title order={2} size="h4" mt="xl" mb="xs">
            Channels
          </Title>
          <FiguresTable readAt={readAt} rows={board.channels.filter(isUsed)} colours={good} name={(row) => channelName(row.name) === row.name ? row.friendly_name : channelName(row.name)} />
        </div>
        <section aria-labelledby="board-agents">
          <Title order={2} size="h4" id="board-agents" mb="xs">
            Agents <span className="board__count">{board.agents}</span>
          </Title>
          <Activities activities={board.activities} agents={board.agents} />
        </section>
      </div>
    </div>
  );
}

const isUsed = (row: ChannelFigures) => row.waiting + row.assigned + row.wrapping + row.accepted + row.abandoned > 0;

function Tile({ label, value, note, state, colours }: { label: string; value: React.ReactNode; note?: string; state: State; colours: Colours }) {
  return (
    <div className="card tile" data-state={state || undefined} style={tinted(state, colours)}>
      <span className="tile__label">{label}</span>
      <strong className="tile__value">
        {value}
        <StateMark state={state} />
      </strong>
      <span className="tile__note">{note ?? " "}</span>
    </div>
  );
}

function FiguresTable<Row extends QueueFigures | ChannelFigures>({ rows, readAt, colours, name }: { rows: Row[]; readAt: number; colours: Colours; name: (row: Row) => string }) {
  if (rows.length === 0) return <p className="hint">Nothing to show yet.</p>;
  const hasAgents = "available_agents" in rows[0]!;
  return (
    <TableScroll label={hasAgents ? "Queues" : "Channels"}>
      <table className="table figures">
        <thead>
          <tr>
            <th scope="col">{hasAgents ? "Queue" : "Channel"}</th>
            <th scope="col" className="num">Waiting</th>
            <th scope="col" className="num">Longest</th>
            <th scope="col" className="num">In time</th>
            <th scope="col" className="num">With agents</th>
            <th scope="col" className="num">Lost</th>
            {hasAgents && <th scope="col" className="num">Idle of available</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={"sid" in row ? row.sid : row.name}>
              <th scope="row">
                <span className="figures__name" title={name(row)}>{name(row)}</span>
              </th>
              <Cell state={row.states.waiting} colours={colours}>{row.waiting}</Cell>
              <Cell state={row.states.longest_wait} colours={colours}><Running seconds={row.longest_wait} readAt={readAt} /></Cell>
              <Cell state={row.states.service_level} colours={colours}>{percent(row.service_level)}</Cell>
              <td className="num">{row.assigned + row.wrapping}</td>
              <td className="num">{row.abandoned}</td>
              {"available_agents" in row && (
                <td className="num">
                  {row.idle_agents} of {row.available_agents}
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </TableScroll>
  );
}

function Cell({ state, colours, children }: { state: State; colours: Colours; children: React.ReactNode }) {
  return (
    <td className="num">
      <span className="figure" data-state={state || undefined} style={tinted(state, colours)}>
        {children}
        <StateMark state={state} />
      </span>
    </td>
  );
}

function Activities({ activities, agents }: { activities: ActivityFigures[]; agents: number }) {
  if (agents === 0) {
    return (
      <div className="card">
        <EmptyState icon={<IconUsers size={26} stroke={1.6} />} title="No agents yet">
          Let people take tasks under Settings, People.
        </EmptyState>
      </div>
    );
  }
  return (
    <ul className="card activities">
      {activities.map((activity) => (
        <li key={activity.sid}>
          <span className="activities__name" title={activity.name}>
            <i className={`dot ${activity.available ? "dot--on" : ""}`} aria-hidden /> {activity.name}
          </span>
          <strong>{activity.agents}</strong>
          <span className="activities__track" aria-hidden>
            <i style={{ width: `${(activity.agents / agents) * 100}%` }} />
          </span>
          <span className="activities__busy">{activity.busy ? `${activity.busy} with work` : activity.agents ? "none with work" : ""}</span>
        </li>
      ))}
    </ul>
  );
}

