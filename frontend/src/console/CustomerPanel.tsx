import { ActionIcon, Anchor, CopyButton, Text, Title } from "@mantine/core";
import { IconCheck, IconCopy, IconX } from "@tabler/icons-react";
import { useQueries, useQuery } from "@tanstack/react-query";
import { Fragment, type ReactNode } from "react";
import { Link } from "react-router";

import type { Json, JsonObject } from "../api/types";
import { useSession } from "../app/session";
import { ErrorState, LoadingState } from "../app/states";
import { requests } from "./api/requests";
import { channelName, momentText } from "./core/format";
import type { Held } from "./core/model";
import { customerName, readableAddress, readableName } from "./core/tasks";

type Props = { task: Held; onClose: () => void };

/** Who the customer is, and what the flow has found out. */
export function CustomerPanel({ task, onClose }: Props) {
  const name = customerName(task);
  return (
    <aside className="customer" aria-label="Customer">
      <header className="customer__head">
        <Title order={2} size="h5">
          Customer
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label="Hide the customer" onClick={onClose}>
          <IconX size={18} stroke={1.6} />
        </ActionIcon>
      </header>
      <div className="customer__body">
        <p className="customer__name" dir="auto">
          {name}
        </p>
        {task.conversation ? <ConversationFacts sid={task.conversation.sid} /> : <Text size="sm" c="dimmed">This task has no conversation.</Text>}
        <Section title="Task">
          <Facts
            values={{
              Queue: task.queue_name,
              Channel: channelName(task.conversation?.channel_type ?? task.task.channel),
              Priority: task.task.priority,
              Created: momentText(task.taskBornAt),
            }}
          />
        </Section>
        <Attributes task={task} />
      </div>
    </aside>
  );
}

/** The task's attributes, without those that only repeat the customer's name or address. */
function Attributes({ task }: { task: Held }) {
  const { customer_name, customer_address } = task.conversation ?? {};
  const facts = flat(task.task.attributes).filter(([, value]) => value !== customer_name && value !== customer_address);
  if (!facts.length) return null;
  return (
    <Section title="Attributes">
      <Facts values={Object.fromEntries(facts)} />
    </Section>
  );
}

function ConversationFacts({ sid }: { sid: string }) {
  const { user } = useSession();
  const conversation = useQuery({ queryKey: ["conversation", sid], queryFn: () => requests.readConversation(sid) });
  const executionSids = conversation.data?.execution_sids ?? [];
  const executions = useQueries({
    queries: executionSids.map((execution) => ({
      queryKey: ["execution", execution],
      queryFn: () => requests.readExecution(execution),
      // The server shows executions to admins only.
      enabled: user.role === "admin",
      retry: false,
    })),
  });
  if (conversation.isPending) return <LoadingState label="Reading" />;
  if (conversation.isError) {
    return <ErrorState title="The customer could not be read" error={conversation.error} onRetry={() => void conversation.refetch()} />;
  }
  const { customer, proxy_address, attributes, participants, date_created } = conversation.data;
  const variables = Object.assign({}, ...executions.map(({ data }) => variablesOf(data?.context))) as JsonObject;
  const others = participants.filter(({ kind }) => kind !== "customer");
  return (
    <>
      <Section title="Conversation">
        <dl className="facts">
          <dt>Address</dt>
          <dd>
            <span>{readableAddress(customer.address)}</span>
            <CopyButton value={readableAddress(customer.address)}>
              {({ copied, copy }) => (
                <ActionIcon size="sm" variant="subtle" color="gray" aria-label={copied ? "Copied" : "Copy the address"} onClick={copy}>
                  {copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                </ActionIcon>
              )}
            </CopyButton>
          </dd>
        </dl>
        <Facts
          values={{
            "Wrote to": readableAddress(proxy_address ?? ""),
            Began: momentText(date_created),
            With: others.map((participant) => readableName(participant.name || participant.identity) || participant.kind).join(", "),
          }}
        />
      </Section>
      {Object.keys(attributes).length > 0 && (
        <Section title="Profile">
          <Facts values={attributes} />
        </Section>
      )}
      {Object.keys(variables).length > 0 && (
        <Section title="Flow variables">
          <Facts values={variables} />
        </Section>
      )}
      {user.role === "admin" && executionSids.length > 0 && (
        <Section title="Flow">
          {executionSids.map((execution, at) => (
            <Anchor key={execution} component={Link} to={`/executions/${execution}`} size="sm">
              {executions[at]?.data?.flow_name ?? "Execution"}: see the path
            </Anchor>
          ))}
        </Section>
      )}
    </>
  );
}

function variablesOf(context: JsonObject | undefined): JsonObject {
  const flow = context?.["flow"];
  const variables = isObject(flow) ? flow["variables"] : undefined;
  return isObject(variables) ? variables : {};
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="customer__section">
      <Title order={3} size="xs">
        {title}
      </Title>
      {children}
    </section>
  );
}

/** Names and values; nested values are written with dots, empty ones left out. */
function Facts({ values }: { values: JsonObject }) {
  return (
    <dl className="facts">
      {flat(values).map(([name, value]) => (
        <div key={name} className="facts__pair">
          <dt>{breakable(name)}</dt>
          <dd dir="auto">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Names of variables may be long: let them break behind a dot or an underscore. */
function breakable(name: string): ReactNode {
  return name.split(/(?<=[._])/).map((part, at) => (
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}

function flat(values: JsonObject, prefix = ""): [string, string][] {
  return Object.entries(values).flatMap(([name, value]): [string, string][] => {
    if (value === null || value === "") return [];
    if (isObject(value)) return flat(value, `${prefix}${name}.`);
    return [[prefix + name, Array.isArray(value) ? value.map((item) => (typeof item === "object" ? JSON.stringify(item) : String(item))).join(", ") : String(value)]];
  });
}
