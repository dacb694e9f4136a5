import { Alert, Button, Modal, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { NotSaved } from "../app/NotSaved";
import { contacts, type Contact } from "./api";
import { titleOf } from "./core";

type Props = { contact: Contact; opened: boolean; onClose: () => void; onMerged: (contact: Contact) => void };

/** Two contacts are one person: the other's addresses and history come to this one. */
export function MergeDialog({ contact, opened, onClose, onMerged }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Merge into ${titleOf(contact)}`}>
      {opened && <Body contact={contact} onClose={onClose} onMerged={onMerged} />}
    </Modal>
  );
}

function Body({ contact, onClose, onMerged }: Omit<Props, "opened">) {
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [words] = useDebouncedValue(text.trim(), 250);
  const [other, setOther] = useState<Contact | null>(null);
  const found = useQuery({ queryKey: ["contacts", "merge", words], queryFn: () => contacts.list(words), enabled: words.length > 1 });
  const merge = useMutation({
    mutationFn: (sid: string) => contacts.merge(contact.sid, sid),
    onSuccess: async (row) => {
      await client.invalidateQueries({ queryKey: ["contacts"] });
      onMerged(row);
    },
  });
  const offered = (found.data?.contacts ?? []).filter(({ sid }) => sid !== contact.sid).slice(0, 20);
  return (
    <form
      className="transfer"
      onSubmit={(event) => {
        event.preventDefault();
        if (other) merge.mutate(other.sid);
      }}
    >
      <TextInput
        data-autofocus label="The same person is also" placeholder="A name or an address" leftSection={<IconSearch size={16} aria-hidden />} value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setOther(null);
        }}
      />
      {words.length > 1 && (
        <div className="directory" role="radiogroup" aria-label="Contacts">
          {offered.map((each) => (
            <label key={each.sid} className={`directory__row ${other?.sid === each.sid ? "directory__row--chosen" : ""}`}>
              <input type="radio" name="other" checked={other?.sid === each.sid} onChange={() => setOther(each)} />
              <span className="directory__name clip" dir="auto">
                {titleOf(each)}
              </span>
              <span className="directory__load">{each.addresses.map(({ address }) => address).join(", ")}</span>
            </label>
          ))}
          {found.isSuccess && !offered.length && (
            <Text size="sm" c="dimmed" p="sm">
              Nobody else fits.
            </Text>
          )}
        </div>
      )}
      {other && (
        <Alert color="amber" variant="light">
          {titleOf(other)} becomes a part of {titleOf(contact)}, with all addresses and conversations. This cannot be undone.
        </Alert>
      )}
      <NotSaved title="Not merged" error={merge.error} />
      <div className="buttons">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={!other} loading={merge.isPending}>
          Merge
        </Button>
      </div>
    </form>
  );
}
