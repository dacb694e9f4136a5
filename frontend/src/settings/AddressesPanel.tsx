import { ActionIcon, Badge, Button, Group, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconAddressBook, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api } from "../api/client";
import type { Address } from "../api/types";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { channelName } from "../core/channels";
import { AddressDialog } from "./AddressDialog";

/** Which flow answers which of our addresses. */
export function AddressesPanel() {
  const client = useQueryClient();
  const [edited, setEdited] = useState<Address | "new" | null>(null);
  const query = useQuery({ queryKey: ["addresses"], queryFn: () => api.get<{ addresses: Address[] }>("addresses") });
  const remove = useMutation({
    mutationFn: (address: Address) => api.delete(`addresses/${address.sid}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["addresses"] }),
    onError: (error) => notifications.show({ color: "clay", title: "Not deleted", message: error.message }),
  });
  const confirm = (address: Address) =>
    modals.openConfirmModal({
      title: "Delete this address?",
      children: <Text size="sm">Messages to {address.address} will no longer start a conversation here.</Text>,
      labels: { confirm: "Delete address", cancel: "Keep it" },
      confirmProps: { color: "clay" },
      onConfirm: () => remove.mutate(address),
    });

  if (query.isPending) return <LoadingState label="Reading the addresses" />;
  if (query.isError) return <ErrorState title="The addresses cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { addresses } = query.data;

  return (
    <>
      <Group justify="space-between" mb="md" align="flex-end">
        <Text size="sm" c="dimmed" maw={560}>
          An address is where customers write to: a phone number, a page, the web chat. Each can be answered by one published flow.
        </Text>
        <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
          New address
        </Button>
      </Group>
      {addresses.length === 0 ? (
        <EmptyState icon={<IconAddressBook size={26} stroke={1.6} />} title="No address yet">
          Add one and choose the flow that answers it.
        </EmptyState>
      ) : (
        <div className="card table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Address</th>
                <th scope="col">Channel</th>
                <th scope="col">Answered by</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {addresses.map((address) => (
                <tr key={address.sid}>
                  <td>
                    <strong>{address.friendly_name || address.address}</strong>
                    {address.friendly_name && <div className="table__sub">{address.address}</div>}
                  </td>
                  <td>{channelName(address.type)}</td>
                  <td>
                    <AnsweredBy address={address} />
                  </td>
                  <td className="table__actions">
                    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Edit ${address.address}`} onClick={() => setEdited(address)}>
                      <IconPencil size={17} stroke={1.7} />
                    </ActionIcon>
                    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Delete ${address.address}`} onClick={() => confirm(address)}>
                      <IconTrash size={17} stroke={1.7} />
                    </ActionIcon>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <AddressDialog address={edited} onClose={() => setEdited(null)} />
    </>
  );
}

function AnsweredBy({ address }: { address: Address }) {
  if (!address.enabled) {
    return (
      <Badge variant="light" color="gray">
        Off
      </Badge>
    );
  }
  if (address.target === "studio" && address.flow_sid) return <Link to={`/flows/${address.flow_sid}`}>{address.flow_name ?? address.flow_sid}</Link>;
  if (address.target === "webhook") return <span className="table__sub">webhook {address.webhook_url}</span>;
  return <span className="table__sub">Nobody: conversations wait for an integration</span>;
}
