import "./executions.css";

import { Alert, Button, Group, Tabs, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconChevronLeft, IconPlayerStop, IconRefresh, IconRoute } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "react-router";

import { api, ApiError } from "../api/client";
import type { Execution, ExecutionDetail } from "../api/types";
import { useSession } from "../app/session";
import { ErrorState, LoadingState } from "../app/states";
import { fullTime, timeAgo } from "../core/time";
import { ConversationTab } from "./ConversationTab";
import { ExchangeView } from "./ExchangeView";
import { ExecutionStatus } from "./ExecutionStatus";
import { NowWaiting } from "./NowWaiting";
import { RunAgain } from "./RunAgain";
import { StepItem } from "./StepItem";
import { contextsOf, exchangesOf } from "./steps";
import { Tree } from "./Tree";

/** One run: its way through the flow step by step, what each step changed, and all it knows now. */
export function ExecutionPage() {
  const { sid = "" } = useParams();
  const client = useQueryClient();
  const navigate = useNavigate();
  const mayChange = useSession().user.role === "admin";
  const key = ["execution", sid];
  const query = useQuery({
    queryKey: key,
    queryFn: () => api.get<ExecutionDetail>(`executions/${sid}`),
    refetchInterval: (state) => (state.state.data?.status === "active" ? 5_000 : false),
  });
  const end = useMutation({
    mutationFn: () => api.post(`executions/${sid}`, { status: "ended" }),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
    onError: (error) => notifications.show({ color: "clay", title: "Not stopped", message: error.message }),
  });
  const retry = useMutation({
    mutationFn: (stepSid: string | null) => api.post<Execution>(`executions/${sid}/retry`, stepSid ? { step_sid: stepSid } : {}),
    onSuccess: (begun) => {
      notifications.show({ color: "petrol", title: "Running again", message: "A new execution has begun where you asked." });
      void client.invalidateQueries({ queryKey: ["executions"] });
      void navigate(`/executions/${begun.sid}`);
    },
    onError: (error) => notifications.show({ color: "clay", title: "Not run again", message: error.message }),
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
  const ended = execution.status !== "active";
  const contexts = contextsOf(execution.steps, execution.context);
  const exchanges = exchangesOf(execution.steps, execution.http);
  const askToRetry = (stepSid: string | null, widget: string | null) =>
    modals.openConfirmModal({
      title: widget ? `Run again from ${widget}?` : "Run again from where it failed?",
      children: (
        <Text size="sm">
          A new execution begins there with what was known before it. Messages and calls from there on are sent again, to the same customer.
        </Text>
      ),
      labels: { confirm: "Run again", cancel: "Cancel" },
      onConfirm: () => retry.mutate(stepSid),
    });
  const confirm = () =>
    modals.openConfirmModal({
      title: "Stop this execution?",
      children: <Text size="sm">The flow stops where it is. The customer is told nothing; their next message starts the flow anew.</Text>,
      labels: { confirm: "Stop execution", cancel: "Let it run" },
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
            , revision {execution.revision}
            {execution.is_test ? " (test)" : ""} · started {fullTime(execution.date_created)} · last step {timeAgo(execution.date_updated, new Date())}
          </Text>
          <RunAgain execution={execution} />
        </div>
        <Group gap="xs">
          <Button component={Link} to={`/flows/${execution.flow_sid}?execution=${execution.sid}`} variant="default" leftSection={<IconRoute size={17} stroke={1.7} />}>
            Show on the canvas
          </Button>
          {mayChange && ended && execution.error && (
            <Button variant="light" leftSection={<IconRefresh size={17} stroke={1.7} />} loading={retry.isPending} onClick={() => askToRetry(null, null)}>
              Retry
            </Button>
          )}
          {mayChange && !ended && (
            <Button variant="light" color="clay" leftSection={<IconPlayerStop size={17} stroke={1.7} />} loading={end.isPending} onClick={confirm}>
              Stop
            </Button>
          )}
        </Group>
      </header>
      {execution.error && (
        <Alert color="clay" variant="light" mb="md" title="This execution failed">
          {execution.error}
        </Alert>
      )}
      <Tabs defaultValue="steps" keepMounted={false}>
        <Tabs.List mb="md">
          <Tabs.Tab value="steps">Steps ({execution.steps.length})</Tabs.Tab>
          <Tabs.Tab value="variables">Variables</Tabs.Tab>
          {execution.http.length > 0 && <Tabs.Tab value="http">HTTP ({execution.http.length})</Tabs.Tab>}
          {execution.conversation_sid && <Tabs.Tab value="conversation">Conversation</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="steps">
          {execution.steps.length === 0 && (ended || !execution.current_widget) ? (
            <Text size="sm" c="dimmed">
              {ended ? "It ended before its first step." : "Not a step yet: the run has been accepted and starts in a moment."}
            </Text>
          ) : (
            <ol className="steps">
              {execution.steps.map((step) => (
                <StepItem
                  key={step.sid || step.seq}
                  step={step}
                  context={contexts.get(step.seq) ?? {}}
                  exchanges={exchanges.get(step.seq) ?? []}
                  onRetry={mayChange && ended && step.parent_seq == null && step.type !== "trigger" ? () => askToRetry(step.sid, step.name) : null}
                />
              ))}
              {!ended && execution.current_widget && <NowWaiting execution={execution} />}
            </ol>
          )}
        </Tabs.Panel>
        <Tabs.Panel value="variables">
          <Tree value={execution.context} />
        </Tabs.Panel>
        <Tabs.Panel value="http">
          {execution.http.map((exchange) => (
            <ExchangeView key={exchange.ref} exchange={exchange} />
          ))}
        </Tabs.Panel>
        {execution.conversation_sid && (
          <Tabs.Panel value="conversation">
            <ConversationTab sid={execution.conversation_sid} />
          </Tabs.Panel>
        )}
      </Tabs>
    </div>
  );
}
