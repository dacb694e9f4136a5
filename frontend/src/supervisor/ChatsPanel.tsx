import { Badge, Button, Group, Select } from "@mantine/core";
import { IconEye, IconLifebuoy, IconMessages } from "@tabler/icons-react";
import { useState } from "react";

import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { ChannelIcon } from "../app/ChannelIcon";
import { readableName } from "../console/core/tasks";
import { PAGE, useChats, useWallboard } from "./api";
import { HelpList } from "./HelpList";
import { Running } from "./Running";
import { StateMark } from "./StateMark";
import { TaskActions } from "./TaskActions";
import { tinted } from "./core/tint";

const STATUSES = [
  { value: "", label: "All open ones" },
  { value: "waiting", label: "Waiting" },
  { value: "assigned", label: "With an agent" },
  { value: "wrapping", label: "Wrapping up" },
];
const STATUS_NAMES: Record<string, string> = { pending: "Waiting", reserved: "Offered", assigned: "With", wrapping: "Wrapped up by" };

/** Everything that waits or is worked on, oldest first. */
export function ChatsPanel({ onOpen }: { onOpen: (conversation: string) => void }) {
  const [status, setStatus] = useState("");
  const [queue, setQueue] = useState<string | null>(null);
  const [page, setPage] = useState(0);
  const board = useWallboard("today");
  const query = useChats({ status, queue_sid: queue ?? "" }, page * PAGE);
  const chats = query.data?.chats ?? [];
  const total = query.data?.total ?? 0;
  const colours = board.data?.goals.colours;
  return (
    <>
      <Group mb="md" gap="sm" align="flex-end" className="filters">
        <Select label="Show" w={170} allowDeselect={false} data={STATUSES} value={status} onChange={(value) => { setStatus(value ?? ""); setPage(0); }} />
        <Select label="Queue" w={190} clearable searchable placeholder="Every queue" data={(board.data?.queues ?? []).map(({ sid, name }) => ({ value: sid, label: name }))} value={queue} onChange={(value) => { setQueue(value); setPage(0); }} />
      </Group>
      <HelpList help={board.data?.help ?? []} />
      {query.isPending && <LoadingState label="Reading the conversations" />}
      {query.isError && !query.data && <ErrorState title="The conversations cannot be read" error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && total === 0 && (
        <EmptyState icon={<IconMessages size={26} stroke={1.6} />} title={status || queue ? "Nothing like this" : "The floor is quiet"}>
          {status || queue ? "Change what is shown above to see others." : "Conversations appear here when a flow hands them over to agents."}
        </EmptyState>
      )}
      {chats.length > 0 && (
        <div className="card table-scroll" role="region" aria-label="Conversations">
          <table className="table table--kept chats">
            <thead>
              <tr>
                <th scope="col">Customer</th>
                <th scope="col">State</th>
                <th scope="col">Queue</th>
                <th scope="col" className="num">Time</th>
                <th scope="col">Last message</th>
                <th scope="col"><span className="visually-hidden">Actions</span></th>
              </tr>
            </thead>
            <tbody>
              {chats.map((chat) => (
                <tr key={chat.task_sid}>
                  <th scope="row">
                    <span className="chats__who">
                      <ChannelIcon channel={chat.channel_type} size={30} />
                      <span className="clip" title={readableName(chat.customer)} dir="auto">{readableName(chat.customer) || "Without a conversation"}</span>
                    </span>
                  </th>
                  <td>
                    {STATUS_NAMES[chat.status] ?? chat.status} {chat.agent && <span className="clip">{chat.agent}</span>}
                    {chat.needs_help && (
                      <Badge ml={6} size="sm" color="clay" variant="light" leftSection={<IconLifebuoy size={12} />}>
                        Help
                      </Badge>
                    )}
                    {chat.watchers.length > 0 && <div className="table__sub">{chat.watchers.join(", ")} looking on</div>}
                  </td>
                  <td><span className="clip">{chat.queue?.name ?? "–"}</span></td>
                  <td className="num">
                    <span className="figure" data-state={chat.state || undefined} style={tinted(chat.state, colours)}>
                      <Running seconds={chat.handle_seconds ?? chat.wait_seconds} readAt={query.dataUpdatedAt} />
                      <StateMark state={chat.state} />
                    </span>
                  </td>
                  <td className="chats__last">
                    <span className="clip" dir="auto">{chat.last_message ? chat.last_message.body || "An attachment" : "–"}</span>
                  </td>
                  <td className="table__actions">
                    <Group gap={4} wrap="nowrap" justify="flex-end">
                      {chat.conversation_sid && (
                        <Button size="compact-sm" variant="light" leftSection={<IconEye size={15} />} aria-label={`Monitor ${readableName(chat.customer)}`} onClick={() => onOpen(chat.conversation_sid!)}>
                          Monitor
                        </Button>
                      )}
                      <TaskActions sid={chat.task_sid} status={chat.status} name={readableName(chat.customer)} queues={board.data?.queues ?? []} />
                    </Group>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {total > PAGE && (
        <Group justify="center" mt="md" gap="sm">
          <Button variant="default" disabled={page === 0} onClick={() => setPage(page - 1)}>
            Previous
          </Button>
          <span className="hint">
            {page * PAGE + 1} to {Math.min(total, (page + 1) * PAGE)} of {total}
          </span>
          <Button variant="default" disabled={(page + 1) * PAGE >= total} onClick={() => setPage(page + 1)}>
            Next
          </Button>
        </Group>
      )}
    </>
  );
}
