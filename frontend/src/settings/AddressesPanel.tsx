import { Badge, Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconAddressBook, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api } from "../api/client";
import type { Address, Connection } from "../api/types";
import { PanelHead } from "../app/PanelHead";
import { RowActions } from "../app/RowActions";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { channelName } from "../core/channels";
import { hasSender, unanswered } from "./address";
import { AddressDialog, type Edited } from "./AddressDialog";

/** Which flow answers which of our addresses. */
export function AddressesPanel() {
  const client = useQueryClient();
  const [edited, setEdited] = useState<Edited | null>(null);
  const query = useQuery({ queryKey: ["addresses"], queryFn: () => api.get<{ addresses: Address[] }>("addresses") });
  const senders = useQuery({ queryKey: ["connections"], queryFn: () => api.get<{ connections: Connection[] }>("connections") });
  const remove = useMutation({
    mutationFn: (address: Address) => api.delete(`addresses/${address.sid}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["addresses"] }),
    onError: (error) => notifications.show({ color: "clay", title: "Not deleted", message: error.message }),
  });

  if (query.isPending) return <LoadingState label="Reading the addresses" />;
  if (query.isError) return <ErrorState title="The addresses cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { addresses } = query.data;
  const connections = senders.data?.connections ?? [];
  const open = unanswered(connections, addresses);

  return (
    <>
      <PanelHead
        action={
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
            New address
          </Button>
        }
      >
        An address is where customers write to: a phone number, a page, the web chat. A flow answers it, a webhook, or nobody.
      </PanelHead>
      {addresses.length === 0 && open.length === 0 ? (
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
                    {senders.isSuccess && !hasSender(address, connections) && (
                      <div className="table__warn">
                        No connection that is switched on: nothing can be sent from here. <Link to="/settings/connections">Connections</Link>
                      </div>
                    )}
                  </td>
                  <td>{channelName(address.type)}</td>
                  <td>
                    <AnsweredBy address={address} />
                  </td>
                  <td className="table__actions">
                    <RowActions
                      name={address.address}
                      noun="address"
                      warning={`Messages to ${address.address} will no longer start a conversation here.`}
                      onOpen={() => setEdited(address)}
                      onDelete={() => remove.mutate(address)}
                    />
                  </td>
                </tr>
              ))}
              {open.map((connection) => (
                <tr key={connection.sid}>
                  <td>
                    <strong>{connection.friendly_name || connection.address}</strong>
                    {connection.friendly_name && connection.friendly_name !== connection.address && <div className="table__sub">{connection.address}</div>}
                  </td>
                  <td>{channelName(connection.type)}</td>
                  <td>
                    <span className="table__sub">Nothing yet: messages begin conversations that wait</span>
                  </td>
                  <td className="table__actions">
                    <Button
                      size="compact-sm"
                      variant="default"
                      aria-label={`Choose what answers ${connection.address}`}
                      onClick={() => setEdited({ type: connection.type, address: connection.address })}
                    >
                      Choose
                    </Button>
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
