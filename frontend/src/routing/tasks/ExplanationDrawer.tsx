import { Badge, Drawer, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { api } from "../../api/client";
import { ErrorState, LoadingState } from "../../app/states";
import { fullTime } from "../../core/time";
import { countText, durationText, outcomeText, verdictCountText, verdictText } from "../core/text";
import type { Attempt, Explanation, RoutingTask } from "../types";
import { subjectOf } from "./TasksPanel";

type Props = { task: RoutingTask | null; onClose: () => void };

/** Why one task is where it is: in a sentence, then by its place, the workers, and what was decided before. */
export function ExplanationDrawer({ task, onClose }: Props) {
  return (
    <Drawer opened={task !== null} onClose={onClose} position="right" size={560} title={task ? titleOf(task) : ""}>
      {task && <Body sid={task.sid} />}
    </Drawer>
  );
}

function titleOf(task: RoutingTask): string {
  if (task.is_waiting) return "Why is this task waiting?";
  return task.worker_name ? `Why did ${task.worker_name} get it?` : "What happened to this task?";
}

function Body({ sid }: { sid: string }) {
  const query = useQuery({
    queryKey: ["routing-explanation", sid],
    queryFn: () => api.get<Explanation>(`routing/tasks/${sid}/explanation`),
    refetchInterval: 5_000,
  });
  if (query.isPending) return <LoadingState label="Looking for the reasons" />;
  if (query.isError && !query.data) return <ErrorState title="The reasons cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return <ExplanationView explanation={query.data} />;
}

const MOST_SHOWN = 12;

export function ExplanationView({ explanation }: { explanation: Explanation }) {
  const { task, workflow, due, workers, counts, attempts, ahead } = explanation;
  return (
    <div className="why">
      <Text size="sm" c="dimmed">
        {subjectOf(task)} · {durationText(task.age)} old · priority {task.priority}
      </Text>
      <p className="why__summary">{explanation.summary}.</p>
      {task.is_waiting && (
        <section aria-label="Where it waits">
          <h3 className="eyebrow">Where it waits</h3>
          <Place workflow={workflow} queue={task.queue?.friendly_name ?? null} ahead={ahead} />
          {explanation.queue_expression && (
            <p>
              The queue takes workers where <code className="mono">{explanation.queue_expression}</code>.
            </p>
          )}
        </section>
      )}
      {workers.length > 0 && (
        <section aria-label="Who could take it">
          <h3 className="eyebrow">Who could take it</h3>
          <ul className="why__counts">
            {Object.entries(counts)
              .sort(([, a], [, b]) => b - a)
              .map(([verdict, number]) => (
                <li key={verdict}>{verdictCountText(verdict, number)}</li>
              ))}
          </ul>
          <ul className="why__workers">
            {workers.slice(0, MOST_SHOWN).map((worker) => (
              <li key={worker.worker_sid}>
                <strong>{worker.worker_name}</strong> {worker.verdict === "activity" ? worker.reason : verdictText(worker.verdict)}
                {worker.place !== undefined && <Badge size="sm" variant="light" ml={6}>{`${worker.place}. in line`}</Badge>}
              </li>
            ))}
          </ul>
          {workers.length > MOST_SHOWN && <p className="hint">and {countText(workers.length - MOST_SHOWN, "other")}</p>}
        </section>
      )}
      {due.length > 0 && (
        <section aria-label="What happens next">
          <h3 className="eyebrow">What happens next</h3>
          <ul className="why__workers">
            {due.map(({ at, what }) => (
              <li key={`${at}${what}`}>
                <time dateTime={at}>{fullTime(at)}</time>: {what}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-label="What was decided">
        <h3 className="eyebrow">What was decided, newest first</h3>
        {attempts.length === 0 ? (
          <p className="hint">Nothing yet: it has not been anybody’s turn.</p>
        ) : (
          <ol className="why__attempts">
            {attempts.map((attempt, index) => (
              <Decision key={`${attempt.at}${index}`} attempt={attempt} />
            ))}
          </ol>
        )}
      </section>
    </div>
  );
}

function Place({ workflow, queue, ahead }: { workflow: Explanation["workflow"]; queue: string | null; ahead: number }) {
  if (!workflow) return <p>{queue ? `In the queue ${queue}, put there without a workflow.` : "In no queue."}</p>;
  const name = workflow.filter === "default_filter" ? "no filter matches it, so it takes the default" : `it matches the filter “${workflow.filter || `number ${(workflow.filter_index ?? 0) + 1}`}”`;
  return (
    <>
      <p>
        In the queue <strong>{workflow.task_queue_name ?? "–"}</strong>: {name}
        {workflow.filter_index !== null && workflow.target_index > 0 && `, and has come to step ${workflow.target_index + 1} of it`}.{" "}
        <Link to={`/routing/workflows/${workflow.workflow_sid}`}>Open the workflow</Link>
      </p>
      {workflow.expression && (
        <p>
          This step asks for workers where <code className="mono">{workflow.expression}</code>.
        </p>
      )}
      {ahead > 0 && <p>{countText(ahead, "task comes", "tasks come")} before it.</p>}
      <p>{workflow.leaves_at ? `It moves on at ${fullTime(workflow.leaves_at)}.` : "This step has no time limit."}</p>
    </>
  );
}

function Decision({ attempt }: { attempt: Attempt }) {
  const chosen = attempt.candidates.filter(({ verdict }) => verdict === "chosen");
  const others = attempt.candidates.filter(({ verdict }) => verdict !== "chosen");
  return (
    <li>
      <div className="why__attempt">
        <Badge variant="light" color={attempt.outcome === "reserved" ? "petrol" : attempt.outcome === "canceled" ? "clay" : "gray"}>
          {outcomeText(attempt.outcome)}
        </Badge>
        <time className="table__sub" dateTime={attempt.at}>
          {fullTime(attempt.at)}
        </time>
      </div>
      {attempt.explanation && <p>{attempt.explanation}</p>}
      {chosen.map((one) => (
        <p key={one.worker_sid}>
          <strong>{one.worker_name}</strong> was chosen
          {one.idle_seconds !== undefined && `, idle for ${durationText(one.idle_seconds)}`}
          {one.open_reservations !== undefined && `, with ${countText(one.open_reservations, "open task")}`}.
        </p>
      ))}
      {others.length > 0 && (
        <details>
          <summary>{countText(others.length, "other agent was", "other agents were")} looked at</summary>
          <ul>
            {others.map((one) => (
              <li key={one.worker_sid}>
                {one.worker_name} {verdictText(one.verdict)}
                {one.verdict === "activity" && one.activity ? ` (${one.activity})` : ""}
                {one.place !== undefined ? ` (place ${one.place})` : ""}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}
