import { Autocomplete, Modal, Select, Text, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import { EmptyState, ErrorState, LoadingState } from "../../app/states";
import { contacts } from "../../contacts/api";
import { titleOf } from "../../contacts/core";
import { channelName } from "../core/format";
import { readableAddress } from "../core/tasks";
import { ActForm } from "../work/ActForm";
import { placesOf, preview, senderFor, type Sender, type Template } from "./core";
import type { OutboundRequest } from "./request";

const NAMES = { from: "From", to: "To", name: "Name", queue_sid: "Counts for", template_sid: "Template", body: "First message", variables: "Template" };

type Offered = { senders: Sender[]; queues: { sid: string; name: string }[] };
export type Begun = { interaction_sid: string; conversation_sid: string; task_sid: string; reservation_sid: string | null };

type Props = { request: OutboundRequest | null; onClose: () => void; onBegun: (begun: Begun) => void };

/** Begin a conversation with a customer, on any channel that has a sender. Nothing is sent before the agent says so. */
export function OutboundDialog({ request, onClose, onBegun }: Props) {
  return (
    <Modal opened={request !== null} onClose={onClose} size="lg" title="Start a conversation">
      {request && <Reading request={request} onClose={onClose} onBegun={onBegun} />}
    </Modal>
  );
}

function Reading({ request, onClose, onBegun }: Props & { request: OutboundRequest }) {
  const offered = useQuery({ queryKey: ["console-outbound"], queryFn: () => api.get<Offered>("console/outbound") });
  const templates = useQuery({ queryKey: ["message-templates"], queryFn: () => api.get<{ templates: Template[] }>("message-templates") });
  if (offered.isPending) return <LoadingState label="Reading the senders" />;
  if (offered.isError) return <ErrorState title="The senders cannot be read" error={offered.error} onRetry={() => void offered.refetch()} />;
  if (!offered.data.senders.length) {
    return <EmptyState title="No sender yet">A conversation is begun from an address of ours: an administrator connects one under Settings, Connections.</EmptyState>;
  }
  return <Form request={request} offered={offered.data} templates={templates.data?.templates ?? []} onClose={onClose} onBegun={onBegun} />;
}

type FormProps = Omit<Props, "request"> & { request: OutboundRequest; offered: Offered; templates: Template[] };

function Form({ request, offered, templates, onClose, onBegun }: FormProps) {
  const [from, setFrom] = useState(() => senderFor(offered.senders, request)?.sid ?? offered.senders[0]?.sid ?? "");
  const [to, setTo] = useState(request.to);
  const [name, setName] = useState(request.name);
  const [queue, setQueue] = useState<string | null>(null);
  const [body, setBody] = useState(request.body);
  const [templateSid, setTemplateSid] = useState<string | null>(null);
  const [variables, setVariables] = useState<Record<string, string>>({});
  const [words] = useDebouncedValue(to.trim(), 250);
  const found = useQuery({ queryKey: ["contacts", "to", words], queryFn: () => contacts.list(words), enabled: words.length > 1 });

  const sender = offered.senders.find(({ sid }) => sid === from);
  const fitting = templates.filter((template) => template.channel_type === sender?.type);
  const template = fitting.find(({ sid }) => sid === templateSid) ?? null;
  const places = template ? placesOf(template.body) : [];
  const offers = (found.data?.contacts ?? []).flatMap((contact) =>
    contact.addresses.filter((each) => each.channel_type === sender?.type).map((each) => ({ value: readableAddress(each.address), name: titleOf(contact) })),
  );
  const ready = to.trim() !== "" && (template ? places.every((place) => variables[place]?.trim()) : true);

  const begin = async () => {
    const message = template ? { template_sid: template.sid, variables } : { body: body.trim() };
    onBegun(await api.post<Begun>("console/outbound", { from, to: to.trim(), name: name.trim(), attributes: request.attributes, ...(queue ? { queue_sid: queue } : {}), ...message }));
  };
  return (
    <ActForm action="Start" refused="Not started" act={begin} names={NAMES} disabled={!ready} onClose={onClose}>
      <Select
        label="From" allowDeselect={false} value={from}
        data={offered.senders.map((each) => ({ value: each.sid, label: `${channelName(each.type)} · ${each.friendly_name || readableAddress(each.address)}` }))}
        onChange={(value) => {
          setFrom(value ?? "");
          setTemplateSid(null);
        }}
      />
      <Autocomplete
        data-autofocus label="To" placeholder="+15551234567, or a contact's name" value={to}
        data={[...new Set(offers.map(({ value }) => value))]}
        filter={({ options }) => options}
        renderOption={({ option }) => (
          <span className="clip">
            {offers.find(({ value }) => value === option.value)?.name} · {option.value}
          </span>
        )}
        onChange={(value) => {
          setTo(value);
          const chosen = offers.find((each) => each.value === value);
          if (chosen && !name) setName(chosen.name);
        }}
      />
      <TextInput label="Name" description="How the customer is called here, if they are not known yet." dir="auto" maxLength={256} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      {fitting.length > 0 && (
        <Select
          label="Template" clearable placeholder="None: write freely" value={templateSid} data={fitting.map((each) => ({ value: each.sid, label: each.name }))}
          onChange={(value) => {
            setTemplateSid(value);
            setVariables({});
          }}
        />
      )}
      {template ? (
        <>
          {places.map((place) => (
            <TextInput
              key={place} label={`{{${place}}}`} required value={variables[place] ?? ""}
              onChange={(event) => setVariables({ ...variables, [place]: event.currentTarget.value })}
            />
          ))}
          <Text size="sm" className="outbound__preview" dir="auto">
            {preview(template.body, variables)}
          </Text>
        </>
      ) : (
        <Textarea
          label="First message" autosize minRows={2} maxRows={7} maxLength={1_600} dir="auto" value={body}
          description={sender?.window_hours ? `Only to customers who wrote in the last ${sender.window_hours} hours; to others begin with a template.` : undefined}
          placeholder="You can also write it when the conversation is open."
          onChange={(event) => setBody(event.currentTarget.value)}
        />
      )}
      {offered.queues.length > 1 && (
        <Select
          label="Counts for" clearable placeholder="The first queue" data={offered.queues.map((each) => ({ value: each.sid, label: each.name }))} value={queue} onChange={setQueue}
        />
      )}
    </ActForm>
  );
}
