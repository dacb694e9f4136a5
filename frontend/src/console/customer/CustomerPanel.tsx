import { ActionIcon, Anchor, Button, CopyButton, Modal, Text, Title } from "@mantine/core";
import { IconArrowMerge, IconCheck, IconCopy, IconPencil, IconX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, useState, type ReactNode } from "react";
import { Link } from "react-router";

import type { Json, JsonObject } from "../../api/types";
import { useSession } from "../../app/session";
import { ErrorState, LoadingState } from "../../app/states";
import { contacts, type Contact, type FlowPart } from "../../contacts/api";
import { ContactForm } from "../../contacts/ContactForm";
import { titleOf } from "../../contacts/core";
import { EarlierList } from "../../contacts/EarlierList";
import { MergeDialog } from "../../contacts/MergeDialog";
import { requests } from "../api/requests";
import { channelName, momentText } from "../core/format";
import type { Held } from "../core/model";
import { customerName, readableAddress, readableName } from "../core/tasks";

type Props = { task: Held; onClose: () => void };

/** Who the customer is, what was before, and what the flow has found out. */
export function CustomerPanel({ task, onClose }: Props) {
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
        {task.conversation ? (
          <Known task={task} sid={task.conversation.sid} />
        ) : (
          <>
            <p className="customer__name" dir="auto">
              {customerName(task)}
            </p>
            <Text size="sm" c="dimmed">
              This task has no conversation.
            </Text>
          </>
        )}
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

function Known({ task, sid }: { task: Held; sid: string }) {
  const query = useQuery({ queryKey: ["contacts", "of", sid], queryFn: () => contacts.customer(sid) });
  const contact = query.data?.contact ?? null;
  return (
    <>
      <div className="profile__head">
        <p className="customer__name" dir="auto">
          {contact?.name || customerName(task)}
        </p>
        {contact && <ContactActs contact={contact} conversationSid={sid} />}
      </div>
      <ConversationFacts sid={sid} />
      {query.isPending && <LoadingState label="Reading the customer" />}
      {query.isError && <ErrorState title="The customer could not be read" error={query.error} onRetry={() => void query.refetch()} />}
      {contact && (contact.addresses.length > 1 || Object.keys(contact.attributes).length > 0) && (
        <Section title="Profile">
          {contact.addresses.length > 1 && (
            <Facts values={{ Addresses: contact.addresses.map((each) => `${channelName(each.channel_type)} ${readableAddress(each.address)}`).join(", ") }} />
          )}
          <Facts values={contact.attributes} />
        </Section>
      )}
      {query.data && (
        <>
          <Section title="Earlier conversations">
            <EarlierList conversations={query.data.conversations} />
          </Section>
          {query.data.executions.map((execution) => (
            <FlowSection key={execution.sid} execution={execution} />
          ))}
        </>
      )}
    </>
  );
}

function ContactActs({ contact, conversationSid }: { contact: Contact; conversationSid: string }) {
  const client = useQueryClient();
  const [open, setOpen] = useState<"edit" | "merge" | null>(null);
  const done = () => {
    setOpen(null);
    void client.invalidateQueries({ queryKey: ["contacts", "of", conversationSid] });
  };
  return (
    <div>
      <ActionIcon.Group>
        <ActionIcon variant="default" size={30} aria-label="Edit the contact" onClick={() => setOpen("edit")}>
          <IconPencil size={15} stroke={1.7} />
        </ActionIcon>
        <ActionIcon variant="default" size={30} aria-label="Merge with another contact" onClick={() => setOpen("merge")}>
          <IconArrowMerge size={15} stroke={1.7} />
        </ActionIcon>
      </ActionIcon.Group>
      <Modal opened={open === "edit"} onClose={() => setOpen(null)} size="lg" title={titleOf(contact)}>
        {open === "edit" && <ContactForm contact={contact} onCancel={() => setOpen(null)} onSaved={done} />}
      </Modal>
      <MergeDialog contact={contact} opened={open === "merge"} onClose={() => setOpen(null)} onMerged={done} />
    </div>
  );
}

/** A flow's part: its variables, and the widgets it went through. */
function FlowSection({ execution }: { execution: FlowPart }) {
  const { user } = useSession();
  const [shown, setShown] = useState(false);
  return (
    <Section title={`Flow: ${execution.flow_name || "deleted"}`}>
      {Object.keys(execution.variables).length ? (
        <Facts values={execution.variables} />
      ) : (
        <Text size="sm" c="dimmed">
          It has set no variables.
        </Text>
      )}
      <div>
        <Button size="compact-sm" variant="subtle" aria-expanded={shown} onClick={() => setShown(!shown)}>
          {shown ? "Hide the path" : `Show the path (${execution.path.length} steps)`}
        </Button>
      </div>
      {shown && (
        <ol className="path" aria-label="Path">
          {execution.path.map((step, at) => (
            <li key={at}>
              {breakable(step.name)} <Text component="span" size="xs" c="dimmed">{step.event}</Text>
            </li>
          ))}
          {execution.status === "active" && execution.current_widget && (
            <li>
              {breakable(execution.current_widget)} <Text component="span" size="xs" c="dimmed">is here now</Text>
            </li>
          )}
        </ol>
      )}
      {user.role === "admin" && (
        <Anchor component={Link} to={`/executions/${execution.sid}`} size="sm">
          Open the execution
        </Anchor>
      )}
    </Section>
  );
}

/** What the routing writes into every task for programs; nothing an agent needs to read. */
const FOR_PROGRAMS = /^(?:conversations\.|customers\.|flex[A-Z]|transfer[A-Z]|workerSids|conversationSid$|channelType$|initiatedBy$|direction$|auto_answer$)/;

/** The task's attributes, without those that only repeat the customer's name or address. */
function Attributes({ task }: { task: Held }) {
  const { customer_name, customer_address } = task.conversation ?? {};
  const facts = flat(task.task.attributes).filter(
    ([name, value]) => value !== customer_name && value !== customer_address && !FOR_PROGRAMS.test(name),
  );
  if (!facts.length) return null;
  return (
    <Section title="Attributes">
      <Facts values={Object.fromEntries(facts)} />
    </Section>
  );
}

function ConversationFacts({ sid }: { sid: string }) {
  const conversation = useQuery({ queryKey: ["conversation", sid], queryFn: () => requests.readConversation(sid) });
  if (conversation.isPending) return <LoadingState label="Reading" />;
  if (conversation.isError) {
    return <ErrorState title="The conversation could not be read" error={conversation.error} onRetry={() => void conversation.refetch()} />;
  }
  const { customer, proxy_address, attributes, participants, date_created } = conversation.data;
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
        <Section title="Given at the start">
          <Facts values={attributes} />
        </Section>
      )}
    </>
  );
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
