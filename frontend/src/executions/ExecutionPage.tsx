import "./executions.css";

import { Alert, Button, Group, Tabs, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconArrowRight, IconChevronLeft } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { api, ApiError } from "../api/client";
import type { ExecutionDetail, ExecutionStep, Json } from "../api/types";
import { ErrorState, LoadingState } from "../app/states";
import { fullTime, timeAgo } from "../core/time";
import { ExecutionStatus } from "./ExecutionStatus";
import { valueText, warningText } from "./text";

/** One run: its way through the flow step by step, what each step changed, and all it knows now. */
export function ExecutionPage() {
  const { sid = "" } = useParams();
  const client = useQueryClient();
  const key = ["execution", sid];
  const query = useQuery({
    queryKey: key,
    queryFn: () => api.get<ExecutionDetail>(`executions/${sid}`),
    refetchInterval: (state) => (state.state.data?.status === "active" ? 5_000 : false),
  });
  const end = useMutation({
    mutationFn: () => api.post(`executions/${sid}`, { status: "ended" }),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
    onError: (error) => notifications.show({ color: "clay", title: "Not ended", message: error.message }),
  });
  useDocumentTitle(`${query.data?.contact ?? "Execution"} · Flowdesk`);

  if (query.isPending) return <LoadingState tall label="Reading the execution" />;
  if (query.isError) {
    const gone = query.error instanceof ApiError && query.error.status === 404;
    return (
      <ErrorState
        tall
        title={gone ? "This execution does not exist" : "The execution cannot be read"}
        error={query.error}
        onRetry={gone ? undefined : () => void query.refetch()}
        action={
          <Button component={Link} to="/executions" variant="default">
            All executions
          </Button>
        }
      />
    );
  }
  const execution = query.data;
  const confirm = () =>
    modals.openConfirmModal({
      title: "End this execution?",
      children: <Text size="sm">The flow stops where it is. The customer is told nothing; their next message starts the flow anew.</Text>,
      labels: { confirm: "End execution", cancel: "Let it run" },
      confirmProps: { color: "clay" },
      onConfirm: () => end.mutate(),
    });

  return (
    <div className="page">
      <Link className="back" to="/executions">
        <IconChevronLeft size={16} aria-hidden /> Executions
      </Link>
      <header className="page__head">
        <div className="page__title">
          <Group gap="sm">
            <Title order={1} size="h3">
              {execution.contact || execution.sid}
            </Title>
            <ExecutionStatus execution={execution} />
          </Group>
          <Text size="sm" c="dimmed">
            <Link className="textlink-plain" to={`/flows/${execution.flow_sid}`}>
              {execution.flow_name}
            </Link>
            , revision {execution.revision} · started {fullTime(execution.date_created)} · last step {timeAgo(execution.date_updated, new Date())}
          </Text>
        </div>
        {execution.status === "active" && (
          <Button variant="light" color="clay" loading={end.isPending} onClick={confirm}>
            End execution
          </Button>
        )}
      </header>
      {execution.error && (
        <Alert color="clay" variant="light" mb="md" title="This execution failed">
          {execution.error}
        </Alert>
      )}
      <Tabs defaultValue="steps">
        <Tabs.List mb="md">
          <Tabs.Tab value="steps">Steps ({execution.steps.length})</Tabs.Tab>
          <Tabs.Tab value="variables">Variables</Tabs.Tab>
          {execution.http.length > 0 && <Tabs.Tab value="http">HTTP ({execution.http.length})</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="steps">
          {execution.steps.length === 0 ? (
            <Text size="sm" c="dimmed">
              Not a step yet: the run has been accepted and starts in a moment.
            </Text>
          ) : (
            <ol className="steps">
              {execution.steps.map((step) => (
                <Step key={step.sid || step.seq} step={step} />
              ))}
              {execution.status === "active" && execution.current_widget && (
                <li className="step step--now">
                  <span className="step__dot" aria-hidden />
                  <Text size="sm">
                    Now waiting at <strong>{execution.current_widget}</strong>
                  </Text>
                </li>
              )}
            </ol>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="variables">
          <Tree value={execution.context} />
        </Tabs.Panel>
        <Tabs.Panel value="http">
          <Tree value={execution.http} />
        </Tabs.Panel>
      </Tabs>
    </div>
  );
}

function Step({ step }: { step: ExecutionStep }) {
  const changes = Object.entries(step.changes);
  return (
    <li className="step">
      <span className="step__dot" aria-hidden />
      <div className="step__head">
        <strong>{step.name}</strong>
        <span className="step__type">{step.type}</span>
        <span className="step__event">{step.event}</span>
        <IconArrowRight size={14} aria-label="leads to" />
        <span>{step.transitioned_to}</span>
        <time className="step__time" dateTime={step.date_created} title={fullTime(step.date_created)}>
          {new Date(step.date_created).toLocaleTimeString("en-GB")}
        </time>
      </div>
      {step.warnings.map((warning, index) => (
        <p key={index} className="step__warning">
          {warningText(warning)}
        </p>
      ))}
      {changes.length > 0 && (
        <details>
          <summary>
            {changes.length} {changes.length === 1 ? "value" : "values"} set
          </summary>
          <dl className="values">
            {changes.map(([path, value]) => (
              <div key={path}>
                <dt>{path}</dt>
                <dd>{valueText(value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </li>
  );
}

/** A JSON value as folding lines. */
function Tree({ value }: { value: Json }) {
  if (value === null || typeof value !== "object") return <code>{valueText(value)}</code>;
  const entries = Array.isArray(value) ? value.map((entry, index) => [String(index), entry] as const) : Object.entries(value);
  if (entries.length === 0) return <span className="table__sub">empty</span>;
  return (
    <ul className="tree">
      {entries.map(([name, entry]) => (
        <li key={name}>
          {entry !== null && typeof entry === "object" ? (
            <details open>
              <summary>{name}</summary>
              <Tree value={entry} />
            </details>
          ) : (
            <>
              <span className="tree__name">{name}</span> <code>{valueText(entry)}</code>
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
