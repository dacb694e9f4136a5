import { ActionIcon, Anchor, Button, Select, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ApiError } from "../api/client";
import { NotSaved } from "../app/NotSaved";
import { contacts, type Contact, type ContactDraft } from "./api";
import { CHANNELS, draftOf, written, type Draft } from "./core";

const NAMES = { name: "Name", addresses: "Addresses", channel_type: "Channel", attributes: "Attributes" };

type Props = { contact: Contact | null; onSaved: (contact: Contact) => void; onCancel: () => void; onOther?: (sid: string) => void };

/** Name, addresses and attributes of a contact. `onOther` shows the contact that has an address already. */
export function ContactForm({ contact, onSaved, onCancel, onOther }: Props) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(contact));
  const [fault, setFault] = useState<string | null>(null);
  const save = useMutation({
    mutationFn: (value: ContactDraft) => (contact ? contacts.update(contact.sid, value) : contacts.create(value)),
    onSuccess: async (row) => {
      await client.invalidateQueries({ queryKey: ["contacts"] });
      onSaved(row);
    },
  });
  const set = (change: Partial<Draft>) => {
    save.reset();
    setFault(null);
    setDraft({ ...draft, ...change });
  };
  const other = save.error instanceof ApiError ? (save.error.details as { contact_sid?: string; name?: string } | null) : null;
  return (
    <form
      className="contact-form"
      onSubmit={(event) => {
        event.preventDefault();
        const value = written(draft);
        if (typeof value === "string") setFault(value);
        else save.mutate(value);
      }}
    >
      <TextInput data-autofocus label="Name" dir="auto" maxLength={256} value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} />
      <fieldset className="contact-form__part">
        <legend>Addresses</legend>
        {draft.addresses.map((each, at) => (
          <div key={at} className="contact-form__row">
            <Select
              aria-label={`Channel of address ${at + 1}`} data={CHANNELS} allowDeselect={false} value={each.channel_type}
              onChange={(channel_type) => set({ addresses: replaced(draft.addresses, at, { ...each, channel_type: channel_type ?? "sms" }) })}
            />
            <TextInput
              aria-label={`Address ${at + 1}`} placeholder="+15551234567" value={each.address} maxLength={256}
              onChange={(event) => set({ addresses: replaced(draft.addresses, at, { ...each, address: event.currentTarget.value }) })}
            />
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove address ${at + 1}`} onClick={() => set({ addresses: draft.addresses.filter((_, other) => other !== at) })}>
              <IconTrash size={16} stroke={1.6} />
            </ActionIcon>
          </div>
        ))}
        <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => set({ addresses: [...draft.addresses, { channel_type: "sms", address: "" }] })}>
          Add an address
        </Button>
      </fieldset>
      <fieldset className="contact-form__part">
        <legend>Attributes</legend>
        {draft.rows.map((row, at) => (
          <div key={at} className="contact-form__row">
            <TextInput
              aria-label={`Name of attribute ${at + 1}`} placeholder="customer_number" value={row.key}
              onChange={(event) => set({ rows: replaced(draft.rows, at, { ...row, key: event.currentTarget.value }) })}
            />
            <TextInput
              aria-label={`Value of attribute ${at + 1}`} dir="auto" value={row.value}
              onChange={(event) => set({ rows: replaced(draft.rows, at, { ...row, value: event.currentTarget.value }) })}
            />
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove attribute ${at + 1}`} onClick={() => set({ rows: draft.rows.filter((_, other) => other !== at) })}>
              <IconTrash size={16} stroke={1.6} />
            </ActionIcon>
          </div>
        ))}
        <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => set({ rows: [...draft.rows, { key: "", value: "" }] })}>
          Add an attribute
        </Button>
      </fieldset>
      <NotSaved error={fault ? new Error(fault) : save.error} names={NAMES}>
        {other?.contact_sid && onOther && (
          <div>
            <Anchor component="button" type="button" size="sm" onClick={() => onOther(other.contact_sid ?? "")}>
              Show {other.name || "that contact"}
            </Anchor>
          </div>
        )}
      </NotSaved>
      <div className="buttons">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending}>
          Save
        </Button>
      </div>
    </form>
  );
}

function replaced<T>(list: readonly T[], at: number, item: T): T[] {
  return list.map((each, other) => (other === at ? item : each));
}
