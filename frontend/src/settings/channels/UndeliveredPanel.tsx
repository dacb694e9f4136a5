import { ActionIcon, Badge, Button, Group, Text, Tooltip } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconMailCheck, IconSend, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";
import type { Undelivered } from "../../api/types";
import { EmptyState, ErrorState, LoadingState } from "../../app/states";

const REASONS: Record<Undelivered["reason"], string> = { refused: "Refused", exhausted: "Every try failed" };

/** Messages that did not reach a customer: sent again, or given up. */
export function UndeliveredPanel() {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["deliveries"], queryFn: () => api.get<{ deliveries: Undelivered[] }>("deliveries") });
  const refresh = () => client.invalidateQueries({ queryKey: ["deliveries"] });
  const resend = useMutation({
    mutationFn: async (rows: Undelivered[]) => {
      for (const row of rows) await api.post(`deliveries/${row.sid}`, {});
      return rows.length;
    },
    onSuccess: (count) => notifications.show({ color: "petrol", title: "On its way again", message: count === 1 ? "One message is sent again." : `${count} messages are sent again.` }),
    onError: (error) => notifications.show({ color: "clay", title: "Not sent again", message: error.message }),
    onSettled: refresh,
  });
  const discard = useMutation({
    mutationFn: (row: Undelivered) => api.delete(`deliveries/${row.sid}`),
    onError: (error) => notifications.show({ color: "clay", title: "Still on the list", message: error.message }),
    onSettled: refresh,
  });
  const confirm = (row: Undelivered) =>
    modals.openConfirmModal({
      title: "Take this message off the list?",
      children: <Text size="sm">It will not be sent to {row.to} any more. In the conversation it stays marked as not delivered.</Text>,
      labels: { confirm: "Take it off", cancel: "Keep it" },
      confirmProps: { color: "clay" },
      onConfirm: () => discard.mutate(row),
    });

  if (query.isPending) return <LoadingState label="Reading what was not delivered" />;
  if (query.isError) return <ErrorState title="The list cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { deliveries } = query.data;
  if (deliveries.length === 0) {
    return (
      <EmptyState icon={<IconMailCheck size={26} stroke={1.6} />} title="Everything was delivered">
        A message that a provider refuses, or that could not be sent after every try, waits here for you.
      </EmptyState>
    );
  }

  return (
    <>
      <Group justify="space-between" mb="md" align="flex-end">
        <Text size="sm" c="dimmed" maw={560}>
          These messages did not reach a customer. Mend the cause first (a key, a number, a blocked recipient), then send them again.
        </Text>
        <Button variant="default" leftSection={<IconSend size={17} />} loading={resend.isPending && resend.variables.length > 1} onClick={() => resend.mutate(deliveries)}>
          Send all again
        </Button>
      </Group>
      <div className="card table-scroll">
        <table className="table table--kept">
          <thead>
            <tr>
              <th scope="col">Message</th>
              <th scope="col">From and to</th>
              <th scope="col">Why</th>
              <th scope="col">When</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((row) => (
              <tr key={row.sid}>
                <td className="undelivered__body">{row.body || <em>No text</em>}</td>
                <td>
                  {row.to}
                  <div className="table__sub">from {row.from}</div>
                </td>
                <td>
                  <Badge variant="light" color="clay">
                    {REASONS[row.reason]}
                  </Badge>
                  <div className="table__sub">
                    {row.error_code}: {row.error_message}
                  </div>
                </td>
                <td>
                  {new Date(row.date_created).toLocaleString()}
                  <div className="table__sub">{row.attempts === 1 ? "1 try" : `${row.attempts} tries`}</div>
                </td>
                <td className="table__actions">
                  <Tooltip label="Send again">
                    <ActionIcon variant="subtle" color="petrol" size="lg" aria-label={`Send again to ${row.to}`} onClick={() => resend.mutate([row])}>
                      <IconSend size={17} stroke={1.7} />
                    </ActionIcon>
                  </Tooltip>
                  <Tooltip label="Take off the list">
                    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Discard the message to ${row.to}`} onClick={() => confirm(row)}>
                      <IconTrash size={17} stroke={1.7} />
                    </ActionIcon>
                  </Tooltip>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
