import { Accordion, Badge, Button, Code, Group, SegmentedControl, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconRefresh, IconSend, IconWebhook } from "@tabler/icons-react";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { WebhookDelivery } from "../../api/types";
import { EmptyState, ErrorState, LoadingState } from "../../app/states";
import { TableScroll } from "../../app/TableScroll";

const PAGE = 100;
const STATUS: Record<WebhookDelivery["status"], { label: string; color: string }> = {
  queued: { label: "On its way", color: "gray" },
  delivered: { label: "Delivered", color: "petrol" },
  failed: { label: "Failed", color: "clay" },
};

/** What was sent to webhooks, with the answers; each can be sent again. */
export function WebhookDeliveries() {
  const [status, setStatus] = useState("");
  const query = useInfiniteQuery({
    queryKey: ["webhook-deliveries", status],
    queryFn: ({ pageParam }) => api.get<{ deliveries: WebhookDelivery[] }>("webhooks/deliveries", { query: { status, before: pageParam } }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => (page.deliveries.length < PAGE ? null : page.deliveries.at(-1)!.sid),
  });
  const deliveries = query.data?.pages.flatMap((page) => page.deliveries) ?? [];
  return (
    <>
      <Group justify="space-between" mb="md">
        <SegmentedControl
          aria-label="Which deliveries"
          data={[
            { value: "", label: "All" },
            { value: "failed", label: "Failed" },
            { value: "queued", label: "On their way" },
          ]}
          value={status}
          onChange={setStatus}
        />
        <Button size="xs" variant="default" leftSection={<IconRefresh size={15} />} loading={query.isRefetching} onClick={() => void query.refetch()}>
          Look again
        </Button>
      </Group>
      {query.isPending ? (
        <LoadingState label="Reading the deliveries" />
      ) : query.isError ? (
        <ErrorState title="The deliveries cannot be read" error={query.error} onRetry={() => void query.refetch()} />
      ) : deliveries.length === 0 ? (
        <EmptyState icon={<IconWebhook size={26} stroke={1.6} />} title={status === "" ? "No deliveries yet" : "None of these"}>
          What webhooks, status callbacks and pre-webhooks are told is listed here with the answers.
        </EmptyState>
      ) : (
        <Accordion variant="separated" chevronPosition="right">
          {deliveries.map((delivery) => (
            <Accordion.Item key={delivery.sid} value={delivery.sid}>
              <Accordion.Control>
                <Head delivery={delivery} />
              </Accordion.Control>
              <Accordion.Panel>
                <Details delivery={delivery} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
      {query.hasNextPage && (
        <Group justify="center" mt="md">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            Older ones
          </Button>
        </Group>
      )}
    </>
  );
}

function Head({ delivery }: { delivery: WebhookDelivery }) {
  const { label, color } = STATUS[delivery.status];
  return (
    <Group gap="sm" wrap="nowrap">
      <Badge variant="light" color={color} className="traffic__badge">
        {label}
      </Badge>
      <div className="traffic__head">
        <div className="clip">
          <strong>{delivery.event}</strong> {delivery.url}
        </div>
        <Text size="xs" c="dimmed">
          {new Date(delivery.date_created).toLocaleString()} · {delivery.response_status ?? "no answer yet"} · {delivery.attempts === 1 ? "1 try" : `${delivery.attempts} tries`} · {delivery.duration_ms} ms
        </Text>
      </div>
    </Group>
  );
}

function Details({ delivery }: { delivery: WebhookDelivery }) {
  const client = useQueryClient();
  const resend = useMutation({
    mutationFn: () => api.post(`webhooks/deliveries/${delivery.sid}`, {}),
    onSuccess: () => notifications.show({ color: "petrol", title: "Sent again", message: `${delivery.event} is on its way.` }),
    onError: (error) => notifications.show({ color: "clay", title: "Not sent again", message: error.message }),
    onSettled: () => client.invalidateQueries({ queryKey: ["webhook-deliveries"] }),
  });
  return (
    <>
      {delivery.error && (
        <Text size="sm" c="var(--mantine-color-clay-light-color)" mb="xs">
          {delivery.error}
        </Text>
      )}
      <TableScroll label="What it was told" className="table-scroll">
        <table className="table parameters">
          <tbody>
            {Object.entries(delivery.parameters).map(([name, value]) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </TableScroll>
      {delivery.response && (
        <div className="traffic__part">
          <Text size="xs" c="dimmed" fw={600}>
            Answer
          </Text>
          <Code block tabIndex={0}>
            {delivery.response}
          </Code>
        </div>
      )}
      <Group justify="flex-end" mt="sm">
        <Button size="xs" variant="default" leftSection={<IconSend size={15} />} disabled={delivery.status === "queued"} loading={resend.isPending} onClick={() => resend.mutate()}>
          Send again
        </Button>
      </Group>
    </>
  );
}
