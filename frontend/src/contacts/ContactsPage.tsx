import "./contacts.css";

import { Badge, Button, Drawer, Modal, Text, TextInput, Title, Tooltip } from "@mantine/core";
import { useDebouncedValue, useDocumentTitle } from "@mantine/hooks";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconAddressBook, IconArrowMerge, IconPencil, IconPlus, IconSearch, IconTrash } from "@tabler/icons-react";
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useParams } from "react-router";

import { useSession } from "../app/session";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { channelName } from "../console/core/format";
import { readableAddress, readableName } from "../console/core/tasks";
import { contacts, type Contact } from "./api";
import { ContactForm } from "./ContactForm";
import { textOf, titleOf } from "./core";
import { EarlierList } from "./EarlierList";
import { MergeDialog } from "./MergeDialog";

/** The customers, whichever addresses they write from: found, changed, merged. */
export function ContactsPage() {
  useDocumentTitle("Contacts · Flowdesk");
  const navigate = useNavigate();
  const { sid } = useParams();
  const [text, setText] = useState("");
  const [words] = useDebouncedValue(text.trim(), 250);
  const [adding, setAdding] = useState(false);
  const query = useInfiniteQuery({
    queryKey: ["contacts", "list", words],
    queryFn: ({ pageParam }) => contacts.list(words, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_page_token ?? undefined,
    placeholderData: keepPreviousData,
  });
  const rows = query.data?.pages.flatMap((page) => page.contacts) ?? [];
  const open = (contact: Contact | string | null) => void navigate(contact ? `/contacts/${typeof contact === "string" ? contact : contact.sid}` : "/contacts");
  const add = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setAdding(true)}>
      New contact
    </Button>
  );
  return (
    <div className="page contacts">
      <header className="page__head">
        <div className="page__title">
          <Title order={1} size="h2">
            Contacts
          </Title>
        </div>
        {add}
      </header>
      <TextInput
        className="contacts__search" aria-label="Search contacts" placeholder="Search names, addresses and attributes" leftSection={<IconSearch size={16} aria-hidden />}
        value={text} onChange={(event) => setText(event.currentTarget.value)}
      />
      {query.isPending && <LoadingState label="Reading the contacts" />}
      {query.isError && !query.data && <ErrorState title="The contacts cannot be read" error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && !rows.length && (
        <EmptyState icon={<IconAddressBook size={26} stroke={1.6} />} title={words ? "Nobody fits" : "No contacts yet"}>
          {words ? "Try a part of the name, the number or an attribute." : "A customer becomes a contact when an agent is asked for them; you can also add one."}
        </EmptyState>
      )}
      {rows.length > 0 && (
        <div className="card table-scroll" role="region" aria-label="Contacts">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Addresses</th>
                <th scope="col">Attributes</th>
                <th scope="col">Known since</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.sid}>
                  <th scope="row">
                    <button type="button" className="contacts__name" dir="auto" onClick={() => open(row)}>
                      {titleOf(row)}
                    </button>
                  </th>
                  <td>
                    <div className="contacts__tags">
                      {row.addresses.map((each) => (
                        <Badge key={each.address} variant="light" color="gray" title={each.address}>
                          {channelName(each.channel_type)} · {readableName(each.address)}
                        </Badge>
                      ))}
                    </div>
                  </td>
                  <td className="table__sub contacts__attributes">{Object.entries(row.attributes).map(([name, value]) => `${name}: ${textOf(value)}`).join(", ")}</td>
                  <td className="table__sub contacts__when">{new Date(row.date_created).toLocaleDateString([], { dateStyle: "medium" })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {query.hasNextPage && (
        <Button variant="default" mt="md" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Show more
        </Button>
      )}
      <Modal opened={adding} onClose={() => setAdding(false)} size="lg" title="New contact">
        {adding && (
          <ContactForm
            contact={null}
            onCancel={() => setAdding(false)}
            onSaved={(row) => {
              setAdding(false);
              open(row);
            }}
            onOther={(other) => {
              setAdding(false);
              open(other);
            }}
          />
        )}
      </Modal>
      <Drawer opened={sid !== undefined} onClose={() => open(null)} position="right" size="lg" title="Contact">
        {sid && <ContactDetail key={sid} sid={sid} onOpen={open} />}
      </Drawer>
    </div>
  );
}

function ContactDetail({ sid, onOpen }: { sid: string; onOpen: (contact: Contact | string | null) => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { user } = useSession();
  const [editing, setEditing] = useState(false);
  const [merging, setMerging] = useState(false);
  const contact = useQuery({ queryKey: ["contacts", sid], queryFn: () => contacts.read(sid) });
  const earlier = useQuery({ queryKey: ["contacts", sid, "conversations"], queryFn: () => contacts.conversations(sid) });
  if (contact.isPending) return <LoadingState label="Reading the contact" />;
  if (contact.isError) return <ErrorState title="The contact cannot be read" error={contact.error} onRetry={() => void contact.refetch()} />;
  const row = contact.data;
  const remove = () =>
    modals.openConfirmModal({
      title: `Delete ${titleOf(row)}?`,
      children: <Text size="sm">The conversations stay; only what is written here goes.</Text>,
      labels: { confirm: "Delete", cancel: "Cancel" },
      confirmProps: { color: "clay" },
      onConfirm: () =>
        void contacts.remove(row.sid).then(
          async () => {
            onOpen(null);
            await client.invalidateQueries({ queryKey: ["contacts"] });
          },
          (error: Error) => notifications.show({ color: "clay", title: "Not deleted", message: error.message }),
        ),
    });
  if (editing) {
    return <ContactForm contact={row} onCancel={() => setEditing(false)} onSaved={() => setEditing(false)} onOther={onOpen} />;
  }
  return (
    <div className="contact">
      <div className="contact__head">
        <Title order={2} size="h4" dir="auto">
          {titleOf(row)}
        </Title>
        <div className="contact__acts">
          <Button size="compact-md" variant="default" leftSection={<IconPencil size={15} aria-hidden />} onClick={() => setEditing(true)}>
            Edit
          </Button>
          <Tooltip label="The same person is another contact too">
            <Button size="compact-md" variant="default" leftSection={<IconArrowMerge size={15} aria-hidden />} onClick={() => setMerging(true)}>
              Merge
            </Button>
          </Tooltip>
          {user.role !== "agent" && (
            <Button size="compact-md" variant="default" aria-label="Delete the contact" onClick={remove}>
              <IconTrash size={15} aria-hidden />
            </Button>
          )}
        </div>
      </div>
      <section className="customer__section">
        <h3>Addresses</h3>
        <ul className="contact__addresses">
          {row.addresses.map((each) => (
            <li key={each.address}>
              <span>
                {channelName(each.channel_type)} · {readableAddress(each.address)}
              </span>
              {user.worker_sid && each.channel_type !== "chat" && (
                <Button
                  size="compact-sm" variant="subtle"
                  onClick={() => void navigate(`/console/start?${new URLSearchParams({ to: each.address, channel: each.channel_type, name: row.name }).toString()}`)}
                >
                  Write
                </Button>
              )}
            </li>
          ))}
        </ul>
      </section>
      {Object.keys(row.attributes).length > 0 && (
        <section className="customer__section">
          <h3>Attributes</h3>
          <dl className="facts">
            {Object.entries(row.attributes).map(([name, value]) => (
              <div key={name} className="facts__pair">
                <dt>{name}</dt>
                <dd dir="auto">{textOf(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
      <section className="customer__section">
        <h3>Conversations</h3>
        {earlier.isError && <Text size="sm">{earlier.error.message}</Text>}
        {earlier.data && <EarlierList conversations={earlier.data.conversations} />}
      </section>
      <MergeDialog
        contact={row} opened={merging} onClose={() => setMerging(false)}
        onMerged={() => setMerging(false)}
      />
    </div>
  );
}
