import { Button, Group, MultiSelect, SegmentedControl, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { WebhookSettings } from "../../api/types";
import { NotSaved } from "../../app/NotSaved";
import { ErrorState, LoadingState } from "../../app/states";
import { WebhookDeliveries } from "./WebhookDeliveries";

type Configuration = { account: WebhookSettings; service: WebhookSettings; events: { pre: string[]; post: string[] } };
type Scope = "account" | "service";

const NAMES = { post_url: "Told afterwards", pre_url: "Asked before", method: "Method", filters: "Events", Filters: "Events" };

/** Who hears what happens in all conversations, and what they were told. */
export function WebhooksPanel() {
  const [scope, setScope] = useState<Scope>("account");
  const query = useQuery({ queryKey: ["webhooks"], queryFn: () => api.get<Configuration>("webhooks/configuration") });
  if (query.isPending) return <LoadingState label="Reading the webhooks" />;
  if (query.isError) return <ErrorState title="The webhooks cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <Text size="sm" c="dimmed" maw={620} mb="md">
        Your own servers can hear what happens in every conversation, and be asked before it happens. Single conversations and addresses can have webhooks of their own besides these.
      </Text>
      <SegmentedControl
        mb="md"
        aria-label="Which webhooks"
        data={[
          { value: "account", label: "Of the account" },
          { value: "service", label: "Of the service" },
        ]}
        value={scope}
        onChange={(value) => setScope(value as Scope)}
      />
      <SettingsForm key={scope} scope={scope} settings={query.data[scope]} events={query.data.events} />
      <Title order={2} size="h3" mt={40} mb="sm">
        Deliveries
      </Title>
      <WebhookDeliveries />
    </>
  );
}

function SettingsForm({ scope, settings, events }: { scope: Scope; settings: WebhookSettings; events: Configuration["events"] }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(settings);
  const set = (change: Partial<WebhookSettings>) => setDraft((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: () => api.put<WebhookSettings>(`webhooks/configuration/${scope}`, draft),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["webhooks"] });
      notifications.show({ color: "petrol", title: "Saved", message: "It holds from now on." });
    },
  });
  const hearsNothing = (draft.post_url && !draft.filters.some((name) => events.post.includes(name))) || (draft.pre_url && !draft.filters.some((name) => events.pre.includes(name)));
  return (
    <form
      className="webhooks__form"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={NAMES} />
        <TextInput label="Told afterwards" description="Signed requests, in order, tried again after failures." placeholder="https://" value={draft.post_url} onChange={(event) => set({ post_url: event.currentTarget.value })} />
        <TextInput label="Asked before" description="May refuse or change it; after five seconds without an answer it happens as it is." placeholder="https://" value={draft.pre_url} onChange={(event) => set({ pre_url: event.currentTarget.value })} />
        <MultiSelect
          label="Events"
          description="Only these are told or asked about."
          searchable
          clearable
          data={[
            { group: "Told afterwards", items: events.post },
            { group: "Asked before", items: events.pre },
          ]}
          value={draft.filters}
          onChange={(filters) => set({ filters })}
        />
        {hearsNothing && (
          <Text size="sm" c="var(--mantine-color-clay-light-color)">
            An address without events hears nothing: choose some.
          </Text>
        )}
        <Group justify="space-between">
          <SegmentedControl aria-label="Method" data={["POST", "GET"]} value={draft.method} onChange={(method) => set({ method: method as WebhookSettings["method"] })} />
          <Button type="submit" loading={save.isPending}>
            Save webhooks
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
