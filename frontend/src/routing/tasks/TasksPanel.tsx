import { Badge, Button, Group, Select } from "@mantine/core";
import { IconHourglass } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { JsonObject } from "../../api/types";
import { PanelHead } from "../../app/PanelHead";
import { EmptyState, ErrorState, LoadingState } from "../../app/states";
import { channelName } from "../../core/channels";
import { durationText, statusText } from "../core/text";
import { textOf } from "../core/workflow";
import type { Routing, RoutingTask } from "../types";
import { ExplanationDrawer } from "./ExplanationDrawer";

type Page = { tasks: RoutingTask[]; next_page_token: string | null };

const STATUSES = [
  { value: "open", label: "Waiting or offered" },
  { value: "assigned", label: "With an agent" },
  { value: "wrapping", label: "Wrapping up" },
  { value: "completed", label: "Completed" },
  { value: "canceled", label: "Canceled" },
  { value: "", label: "All" },
];

/** Who the task is about, by the attributes that usually say so. */
export function subjectOf(task: { sid: string; attributes: JsonObject }): string {
  for (const key of ["customerName", "customer_name", "name", "from", "customerAddress"]) {
    const text = textOf(task.attributes[key]);
    if (text) return text;
  }
  return `Task …${task.sid.slice(-6)}`;
}

/** The tasks there are now; each tells why it is where it is. */
export function TasksPanel({ routing }: { routing: Routing }) {
  const [status, setStatus] = useState("open");
  const [queue, setQueue] = useState<string | null>(null);
  const [workflow, setWorkflow] = useState<string | null>(null);
  const [chosen, setChosen] = useState<RoutingTask | null>(null);
  const query = useInfiniteQuery({
    queryKey: ["routing-tasks", status, queue, workflow],
    queryFn: ({ pageParam }) => api.get<Page>("routing/tasks", { query: { status, queue_sid: queue, workflow_sid: workflow, page_token: pageParam } }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_page_token ?? undefined,
    refetchInterval: 5_000,
  });
  const tasks = query.data?.pages.flatMap((page) => page.tasks) ?? [];
  return (
    <>
      <PanelHead>Every task can say why it waits, and why an agent got it. Ended tasks stay here for five minutes.</PanelHead>
      <Group mb="md" gap="sm" align="flex-end">
        <Select label="Show" w={190} allowDeselect={false} data={STATUSES} value={status} onChange={(value) => setStatus(value ?? "")} />
        <Select label="Queue" w={190} clearable searchable placeholder="Every queue" data={routing.queues.map(({ sid, friendly_name }) => ({ value: sid, label: friendly_name }))} value={queue} onChange={setQueue} />
        <Select label="Workflow" w={190} clearable searchable placeholder="Every workflow" data={routing.workflows.map(({ sid, friendly_name }) => ({ value: sid, label: friendly_name }))} value={workflow} onChange={setWorkflow} />
      </Group>
      {query.isPending && <LoadingState label="Reading the tasks" />}
      {query.isError && tasks.length === 0 && <ErrorState title="The tasks cannot be read" error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && tasks.length === 0 && (
        <EmptyState icon={<IconHourglass size={26} stroke={1.6} />} title={status === "open" && !queue && !workflow ? "Nobody is waiting" : "No task like this"}>
          {status === "open" && !queue && !workflow ? "Tasks appear here when a flow hands a conversation over." : "Change what is shown above to see others."}
        </EmptyState>
      )}
      {tasks.length > 0 && (
        <div className="card table-scroll" role="region" aria-label="Tasks">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Task</th>
                <th scope="col">State</th>
                <th scope="col">Queue</th>
                <th scope="col" className="num">
                  Age
                </th>
                <th scope="col" className="num">
                  Priority
                </th>
                <th scope="col">
                  <span className="visually-hidden">Explanation</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {tasks.map((task) => (
                <tr key={task.sid}>
                  <th scope="row">
                    {subjectOf(task)}
                    <div className="table__sub">{channelName(task.channel)}</div>
                  </th>
                  <td>
                    <Badge variant="light" color={task.status === "canceled" ? "clay" : task.is_waiting ? "amber" : "petrol"}>
                      {statusText(task.status)}
                    </Badge>
                    {task.worker_name && <div className="table__sub">{task.worker_name}</div>}
                    {task.reason && <div className="table__sub">{task.reason}</div>}
                  </td>
                  <td>
                    {task.queue?.friendly_name ?? "–"}
                    {task.workflow && <div className="table__sub">by {task.workflow.friendly_name}</div>}
                  </td>
                  <td className="num">{durationText(task.age)}</td>
                  <td className="num">{task.priority}</td>
                  <td className="table__actions">
                    <Button size="compact-sm" variant="light" aria-label={`${questionOf(task)} ${subjectOf(task)}`} onClick={() => setChosen(task)}>
                      {questionOf(task)}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {query.hasNextPage && (
        <Group justify="center" mt="md">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Show older
          </Button>
        </Group>
      )}
      <ExplanationDrawer task={chosen} onClose={() => setChosen(null)} />
    </>
  );
}

/** What the button of a row asks. */
function questionOf(task: RoutingTask): string {
  if (task.is_waiting) return "Why is it waiting?";
  return task.worker_name ? `Why ${task.worker_name}?` : "What happened?";
}
