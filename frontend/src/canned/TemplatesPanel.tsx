import { Button, Code, Modal, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlus, IconTemplate } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { MessageTemplate } from "../api/console-types";
import { FormFoot } from "../app/FormFoot";
import { NotSaved } from "../app/NotSaved";
import { PanelHead } from "../app/PanelHead";
import { RowActions } from "../app/RowActions";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { ADDRESS_TYPES, channelName } from "../core/channels";
import { templates, type TemplateValues } from "./api";

const NAMES = { name: "Name", channel_type: "Channel", content_sid: "The provider’s name of it", body: "Text as it was approved" };

/** What providers have approved: the only thing a WhatsApp customer can be sent a day after they wrote. */
export function Panel() {
  const client = useQueryClient();
  const [edited, setEdited] = useState<MessageTemplate | "new" | null>(null);
  const query = useQuery({ queryKey: ["message-templates"], queryFn: templates.list });
  const remove = useMutation({
    mutationFn: (template: MessageTemplate) => templates.remove(template.sid),
    onSuccess: () => client.invalidateQueries({ queryKey: ["message-templates"] }),
    onError: (error) => notifications.show({ color: "clay", title: "Not deleted", message: error.message }),
  });

  if (query.isPending) return <LoadingState label="Reading the templates" />;
  if (query.isError) return <ErrorState title="The templates cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <PanelHead
        action={
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
            New template
          </Button>
        }
      >
        WhatsApp takes free text for 24 hours after the customer wrote. Then only a template opens the conversation again. Have it
        approved at the provider, and write it down here as it was approved.
      </PanelHead>
      {query.data.length === 0 ? (
        <EmptyState icon={<IconTemplate size={26} stroke={1.6} />} title="No template yet">
          Without one, agents cannot write first on WhatsApp.
        </EmptyState>
      ) : (
        <div className="card table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Channel</th>
                <th scope="col">Text</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {query.data.map((template) => (
                <tr key={template.sid}>
                  <td>
                    <strong>{template.name}</strong>
                    <div className="table__sub">
                      <Code>{template.content_sid}</Code>
                    </div>
                  </td>
                  <td>{channelName(template.channel_type)}</td>
                  <td>
                    <Text size="sm" lineClamp={2} style={{ overflowWrap: "anywhere", minWidth: 180 }}>
                      {template.body}
                    </Text>
                  </td>
                  <td className="table__actions">
                    <RowActions
                      name={template.name}
                      noun="template"
                      question={`Delete “${template.name}”?`}
                      warning="Agents cannot choose it any more. At the provider it stays as it is."
                      onOpen={() => setEdited(template)}
                      onDelete={() => remove.mutate(template)}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Modal opened={edited !== null} onClose={() => setEdited(null)} title={edited === "new" ? "New template" : "Template"} closeButtonProps={{ "aria-label": "Close" }}>
        {edited && <Form template={edited === "new" ? null : edited} onDone={() => setEdited(null)} />}
      </Modal>
    </>
  );
}

function Form({ template, onDone }: { template: MessageTemplate | null; onDone: () => void }) {
  const client = useQueryClient();
  const [values, setValues] = useState<TemplateValues>({
    name: template?.name ?? "", channel_type: template?.channel_type ?? "whatsapp", content_sid: template?.content_sid ?? "", body: template?.body ?? "",
  });
  const set = (change: Partial<TemplateValues>) => setValues((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: () => (template ? templates.update(template.sid, values) : templates.create(values)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["message-templates"] });
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={NAMES} />
        <TextInput label="Name" description="As agents see it" required maxLength={80} data-autofocus value={values.name} onChange={(event) => set({ name: event.currentTarget.value })} />
        <Select
          label="Channel" allowDeselect={false} data={ADDRESS_TYPES.filter((type) => type !== "chat").map((type) => ({ value: type, label: channelName(type) }))}
          value={values.channel_type} onChange={(channel_type) => channel_type && set({ channel_type })}
        />
        <TextInput
          label="The provider’s name of it" description="Twilio: the content SID, HX… · Meta: name:language, such as order_ready:en_US" required maxLength={128}
          value={values.content_sid} onChange={(event) => set({ content_sid: event.currentTarget.value })}
        />
        <Textarea
          label="Text as it was approved" description="{{1}}, {{2}} … stand for what the agent fills in" required autosize minRows={3} maxRows={10} maxLength={1_600}
          value={values.body} onChange={(event) => set({ body: event.currentTarget.value })}
        />
      </Stack>
      <FormFoot label="Save template" isSaving={save.isPending} onCancel={onDone} />
    </form>
  );
}
