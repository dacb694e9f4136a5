import { ActionIcon, Alert, Badge, Button, Group, Menu, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconActivity, IconDots, IconPencil, IconPlayerPause, IconPlayerPlay, IconPlugConnected, IconPlus, IconTestPipe, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { Connection } from "../../api/types";
import { EmptyState, ErrorState, LoadingState } from "../../app/states";
import { channelName, providerName } from "../../core/channels";
import { ConnectionDialog } from "./ConnectionDialog";
import { Copyable } from "./Copyable";
import { TrafficDrawer } from "./TrafficDrawer";

type Tested = { works: boolean; message: string; duration_ms: number };

const nameOf = (connection: Connection) => connection.friendly_name || connection.address;

/** The account's senders at outside providers: their keys, whether they work, and where each has to send its webhooks. */
export function ConnectionsPanel() {
  const client = useQueryClient();
  const [edited, setEdited] = useState<Connection | "new" | null>(null);
  const [watched, setWatched] = useState<Connection | null>(null);
  const [made, setMade] = useState<Connection | null>(null);
  const query = useQuery({ queryKey: ["connections"], queryFn: () => api.get<{ connections: Connection[] }>("connections") });
  const refresh = () => client.invalidateQueries({ queryKey: ["connections"] });
  const test = useMutation({
    mutationFn: (connection: Connection) => api.post<Tested>(`connections/${connection.sid}/test`, {}),
    onSuccess: (tested, connection) =>
      notifications.show({
        color: tested.works ? "petrol" : "clay",
        title: tested.works ? `${nameOf(connection)} works` : `${nameOf(connection)} does not work`,
        message: tested.message,
        autoClose: tested.works ? 5000 : false,
      }),
    onError: (error) => notifications.show({ color: "clay", title: "Not tested", message: error.message }),
  });
  const change = useMutation({
    mutationFn: ({ connection, status }: { connection: Connection; status: string }) => api.put(`connections/${connection.sid}`, { status }),
    onSuccess: refresh,
    onError: (error) => notifications.show({ color: "clay", title: "Not changed", message: error.message }),
  });
  const remove = useMutation({
    mutationFn: (connection: Connection) => api.delete(`connections/${connection.sid}`),
    onSuccess: refresh,
    onError: (error) => notifications.show({ color: "clay", title: "Not deleted", message: error.message }),
  });
  const confirm = (connection: Connection) =>
    modals.openConfirmModal({
      title: `Delete the connection ${nameOf(connection)}?`,
      children: <Text size="sm">Its keys and its log go with it, and nothing can be sent from {connection.address} any more. Conversations stay.</Text>,
      labels: { confirm: "Delete connection", cancel: "Keep it" },
      confirmProps: { color: "clay" },
      onConfirm: () => remove.mutate(connection),
    });

  if (query.isPending) return <LoadingState label="Reading the connections" />;
  if (query.isError) return <ErrorState title="The connections cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { connections } = query.data;

  return (
    <>
      <Group justify="space-between" mb="md" align="flex-end">
        <Text size="sm" c="dimmed" maw={560}>
          A connection is a sender at a provider: one address, and the keys for it. Enter its webhook address at the provider, so that customers’ messages arrive here.
        </Text>
        <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
          New connection
        </Button>
      </Group>
      {made?.webhook_url && (
        <Alert color="petrol" variant="light" mb="md" role="status" title={`${nameOf(made)} is kept. One thing is left`} withCloseButton closeButtonLabel="Close" onClose={() => setMade(null)}>
          <Text size="sm" mb={6}>
            Enter this address at {providerName(made.provider)} as the one for incoming messages:
          </Text>
          <Copyable text={made.webhook_url} label="Copy the webhook address" />
        </Alert>
      )}
      {connections.length === 0 ? (
        <EmptyState icon={<IconPlugConnected size={26} stroke={1.6} />} title="No connection yet">
          Add the first one: a phone number, a WhatsApp or Messenger sender, or the web chat.
        </EmptyState>
      ) : (
        <div className="card table-scroll">
          <table className="table table--kept">
            <thead>
              <tr>
                <th scope="col">Sender</th>
                <th scope="col">Channel</th>
                <th scope="col">State</th>
                <th scope="col">Webhook address</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {connections.map((connection) => (
                <tr key={connection.sid}>
                  <td>
                    <strong>{nameOf(connection)}</strong>
                    {connection.friendly_name && connection.friendly_name !== connection.address && <div className="table__sub">{connection.address}</div>}
                  </td>
                  <td>
                    {channelName(connection.type)}
                    <div className="table__sub">{providerName(connection.provider)}</div>
                  </td>
                  <td>
                    <Badge variant="light" color={connection.status === "active" ? "petrol" : "gray"}>
                      {connection.status === "active" ? "On" : "Off"}
                    </Badge>
                  </td>
                  <td>
                    <Where connection={connection} />
                  </td>
                  <td className="table__actions">
                    <span className="table__tools">
                      <Button
                        size="compact-sm"
                        variant="default"
                        leftSection={<IconTestPipe size={15} />}
                        aria-label={`Test ${nameOf(connection)}`}
                        loading={test.isPending && test.variables.sid === connection.sid}
                        onClick={() => test.mutate(connection)}
                      >
                        Test
                      </Button>
                      <Menu position="bottom-end" withinPortal>
                        <Menu.Target>
                          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`More of ${nameOf(connection)}`}>
                            <IconDots size={17} stroke={1.7} />
                          </ActionIcon>
                        </Menu.Target>
                        <Menu.Dropdown>
                          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setEdited(connection)}>
                            Change
                          </Menu.Item>
                          {connection.provider !== "web" && (
                            <Menu.Item leftSection={<IconActivity size={16} />} onClick={() => setWatched(connection)}>
                              Traffic
                            </Menu.Item>
                          )}
                          {connection.status === "active" ? (
                            <Menu.Item leftSection={<IconPlayerPause size={16} />} onClick={() => change.mutate({ connection, status: "disabled" })}>
                              Switch off
                            </Menu.Item>
                          ) : (
                            <Menu.Item leftSection={<IconPlayerPlay size={16} />} onClick={() => change.mutate({ connection, status: "active" })}>
                              Switch on
                            </Menu.Item>
                          )}
                          <Menu.Item color="clay" leftSection={<IconTrash size={16} />} onClick={() => confirm(connection)}>
                            Delete
                          </Menu.Item>
                        </Menu.Dropdown>
                      </Menu>
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <ConnectionDialog
        connection={edited}
        onClose={() => setEdited(null)}
        onSaved={(saved) => {
          if (edited === "new") setMade(saved);
          setEdited(null);
        }}
      />
      <TrafficDrawer connection={watched} onClose={() => setWatched(null)} />
    </>
  );
}

/** Where the provider posts to; a web chat has a key for its page instead. */
function Where({ connection }: { connection: Connection }) {
  if (connection.webhook_url) return <Copyable text={connection.webhook_url} label={`Copy the webhook address of ${nameOf(connection)}`} />;
  if (connection.deployment_key) {
    return (
      <>
        <Copyable text={connection.deployment_key} label={`Copy the deployment key of ${nameOf(connection)}`} />
        <div className="table__sub">deployment key for your page</div>
      </>
    );
  }
  return null;
}
