import { Accordion, Badge, Button, Code, Drawer, Group, Text } from "@mantine/core";
import { IconArrowDownLeft, IconArrowUpRight, IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";

import { api } from "../../api/client";
import type { Connection, Exchange } from "../../api/types";
import { EmptyState, ErrorState, LoadingState } from "../../app/states";

type Props = { connection: Connection | null; onClose: () => void };

/** The newest requests to and from a connection's provider, as they were. */
export function TrafficDrawer({ connection, onClose }: Props) {
  return (
    <Drawer opened={connection !== null} onClose={onClose} position="right" size="xl" title={`Traffic of ${connection?.friendly_name || connection?.address || ""}`}>
      {connection && <Body connection={connection} />}
    </Drawer>
  );
}

function Body({ connection }: { connection: Connection }) {
  const query = useQuery({
    queryKey: ["traffic", connection.sid],
    queryFn: () => api.get<{ traffic: Exchange[] }>(`connections/${connection.sid}/traffic`),
  });
  if (query.isPending) return <LoadingState label="Reading the traffic" />;
  if (query.isError) return <ErrorState title="The traffic cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { traffic } = query.data;
  return (
    <>
      <Group justify="space-between" mb="md">
        <Text size="sm" c="dimmed">
          The newest 50 requests; keys are left out.
        </Text>
        <Button size="xs" variant="default" leftSection={<IconRefresh size={15} />} loading={query.isFetching} onClick={() => void query.refetch()}>
          Look again
        </Button>
      </Group>
      {traffic.length === 0 ? (
        <EmptyState title="Nothing yet">What the provider posts to the webhook address, and what is sent to it, is listed here.</EmptyState>
      ) : (
        <Accordion variant="separated" chevronPosition="right">
          {traffic.map((exchange, at) => (
            <Accordion.Item key={`${exchange.date_created} ${at}`} value={String(at)}>
              <Accordion.Control>
                <Head exchange={exchange} />
              </Accordion.Control>
              <Accordion.Panel>
                <Part title="Request" text={exchange.request} />
                <Part title="Answer" text={exchange.response} />
                <Part title="Problem" text={exchange.error} />
              </Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
      )}
    </>
  );
}

function Head({ exchange }: { exchange: Exchange }) {
  const isGood = exchange.status !== null && exchange.status < 400;
  return (
    <Group gap="sm" wrap="nowrap">
      {exchange.direction === "in" ? <IconArrowDownLeft size={17} role="img" aria-label="Came in" /> : <IconArrowUpRight size={17} role="img" aria-label="Went out" />}
      <Badge variant="light" color={isGood ? "petrol" : "clay"}>
        {exchange.status ?? "no answer"}
      </Badge>
      <div className="traffic__head">
        <div className="clip">
          {exchange.method} {exchange.url}
        </div>
        <Text size="xs" c="dimmed">
          {new Date(exchange.date_created).toLocaleString()} · {exchange.duration_ms} ms
        </Text>
      </div>
    </Group>
  );
}

function Part({ title, text }: { title: string; text: string }) {
  if (!text) return null;
  return (
    <div className="traffic__part">
      <Text size="xs" c="dimmed" fw={600}>
        {title}
      </Text>
      <Code block tabIndex={0}>
        {text}
      </Code>
    </div>
  );
}
