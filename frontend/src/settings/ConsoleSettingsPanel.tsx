import { ActionIcon, Button, Group, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import type { ConsoleSettings, Thresholds } from "../api/console-types";
import { NotSaved } from "../app/NotSaved";
import { ErrorState, LoadingState } from "../app/states";
import { ADDRESS_TYPES, channelName } from "../core/channels";

const KEY = ["console-settings"];

const NAMES = {
  warn_after: "Yellow after", late_after: "Red after", by_channel: "", tells_typing: "Tell that somebody types",
  ...Object.fromEntries(ADDRESS_TYPES.map((type) => [type, channelName(type)])),
};

/** How every agent's console behaves. */
export function Panel() {
  const query = useQuery({ queryKey: KEY, queryFn: () => api.get<ConsoleSettings>("console/settings") });
  if (query.isPending) return <LoadingState label="Reading the settings" />;
  if (query.isError) return <ErrorState title="The settings cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return <Form settings={query.data} />;
}

function Form({ settings }: { settings: ConsoleSettings }) {
  const client = useQueryClient();
  const [values, setValues] = useState(settings);
  const set = (change: Partial<ConsoleSettings>) => setValues((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: () => api.put<ConsoleSettings>("console/settings", values),
    onSuccess: (saved) => {
      client.setQueryData(KEY, saved);
      setValues(saved);
    },
  });
  const others = ADDRESS_TYPES.filter((type) => !(type in values.by_channel));
  const changed = JSON.stringify(values) !== JSON.stringify(settings);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="lg" maw={620}>
        <NotSaved error={save.error} names={NAMES} />
        <fieldset className="plain">
          <legend>How long customers wait for an answer</legend>
          <Text size="sm" c="dimmed" mb="sm">
            A task turns yellow, then red, when the customer has waited this long. Consoles follow within a minute.
          </Text>
          <Stack gap="sm">
            <Waits label="All channels" value={values} onChange={(part) => set(part)} />
            {Object.entries(values.by_channel).map(([channel, value]) => (
              <Waits
                key={channel}
                label={channelName(channel)}
                value={value}
                onChange={(part) => set({ by_channel: { ...values.by_channel, [channel]: { ...value, ...part } } })}
                onRemove={() => {
                  const { [channel]: _gone, ...kept } = values.by_channel;
                  set({ by_channel: kept });
                }}
              />
            ))}
            {others.length > 0 && (
              <Select
                maw={300}
                aria-label="Another wait for a channel"
                placeholder="Add a channel with its own"
                data={others.map((type) => ({ value: type, label: channelName(type) }))}
                value={null}
                onChange={(type) => {
                  if (type) set({ by_channel: { ...values.by_channel, [type]: { warn_after: values.warn_after, late_after: values.late_after } } });
                }}
              />
            )}
          </Stack>
        </fieldset>
        <Switch
          label="Tell that somebody types" description="Customers see it of agents, and agents of customers."
          checked={values.tells_typing} onChange={(event) => set({ tells_typing: event.currentTarget.checked })}
        />
        <Switch
          label="Show texts in desktop notifications" description="Off: only who wrote. For rooms where others see the screen."
          checked={values.shows_text} onChange={(event) => set({ shows_text: event.currentTarget.checked })}
        />
        <Switch
          label="Agents may have canned replies of their own"
          checked={values.personal_replies} onChange={(event) => set({ personal_replies: event.currentTarget.checked })}
        />
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!changed}>
            Save
          </Button>
          {save.isSuccess && !changed && (
            <Text size="sm" c="dimmed" role="status">
              Saved
            </Text>
          )}
        </Group>
      </Stack>
    </form>
  );
}

type WaitsProps = { label: string; value: Thresholds; onChange: (part: Partial<Thresholds>) => void; onRemove?: () => void };

function Waits({ label, value, onChange, onRemove }: WaitsProps) {
  const seconds = (given: string | number) => (typeof given === "number" ? Math.round(given * 60) : 60);
  return (
    <Group align="flex-end" gap="sm" role="group" aria-label={label}>
      <Text size="sm" fw={600} w={{ base: "100%", sm: 130 }} pb={{ base: 0, sm: 8 }}>
        {label}
      </Text>
      <NumberInput label="Yellow after (min)" w={{ base: 150, sm: 165 }} min={0.25} step={1} decimalScale={2} value={value.warn_after / 60} onChange={(given) => onChange({ warn_after: seconds(given) })} />
      <NumberInput label="Red after (min)" w={{ base: 150, sm: 165 }} min={0.5} step={1} decimalScale={2} value={value.late_after / 60} onChange={(given) => onChange({ late_after: seconds(given) })} />
      {onRemove && (
        <ActionIcon variant="subtle" color="gray" size={36} aria-label={`${label}: like all channels`} onClick={onRemove}>
          <IconX size={17} />
        </ActionIcon>
      )}
    </Group>
  );
}
