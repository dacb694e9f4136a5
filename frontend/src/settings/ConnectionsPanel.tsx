import { ActionIcon, Badge, CopyButton, Text, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy, IconPlugConnected } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { api } from "../api/client";
import type { Connection } from "../api/types";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { channelName, providerName } from "../core/channels";

/** The account's senders at outside providers, and where each has to send its webhooks. */
export function ConnectionsPanel() {
  const query = useQuery({ queryKey: ["connections"], queryFn: () => api.get<{ connections: Connection[] }>("connections") });
  if (query.isPending) return <LoadingState label="Reading the connections" />;
  if (query.isError) return <ErrorState title="The connections cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { connections } = query.data;
  if (connections.length === 0) {
    return (
      <EmptyState icon={<IconPlugConnected size={26} stroke={1.6} />} title="No connection yet">
        Connections are made with <code>POST /channels/v1/Connections</code>: they hold a provider’s credentials and the address it sends from.
      </EmptyState>
    );
  }
  return (
    <>
      <Text size="sm" c="dimmed" mb="md" maw={620}>
        A connection is a sender at a provider. Enter its webhook address at the provider, so that customers’ messages arrive here.
      </Text>
      <div className="card table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Sender</th>
              <th scope="col">Channel</th>
              <th scope="col">State</th>
              <th scope="col">Webhook address</th>
            </tr>
          </thead>
          <tbody>
            {connections.map((connection) => (
              <tr key={connection.sid}>
                <td>
                  <strong>{connection.friendly_name || connection.address}</strong>
                  {connection.friendly_name && <div className="table__sub">{connection.address}</div>}
                </td>
                <td>
                  {channelName(connection.type)}
                  <div className="table__sub">{providerName(connection.provider)}</div>
                </td>
                <td>
                  <Badge variant="light" color={connection.status === "active" ? "petrol" : "gray"}>
                    {connection.status}
                  </Badge>
                </td>
                <td>
                  <span className="copyable">
                    <code title={connection.webhook_url}>{connection.webhook_url}</code>
                    <CopyButton value={connection.webhook_url}>
                      {({ copied, copy }) => (
                        <Tooltip label={copied ? "Copied" : "Copy"}>
                          <ActionIcon variant="subtle" color={copied ? "petrol" : "gray"} aria-label={`Copy the webhook address of ${connection.friendly_name || connection.address}`} onClick={copy}>
                            {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                          </ActionIcon>
                        </Tooltip>
                      )}
                    </CopyButton>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
