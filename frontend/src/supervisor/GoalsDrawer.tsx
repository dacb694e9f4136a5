import { Drawer, Group, NumberInput, Select, Stack, Switch, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { FormFoot } from "../app/FormFoot";
import { NotSaved } from "../app/NotSaved";
import type { Names } from "../core/refusals";
import { saveGoals } from "./api";
import { MEASURES, type ChannelFigures, type Goals, type Limits, type Measure, type QueueFigures } from "./types";

const NAMES: Record<Measure, string> = {
  waiting: "Waiting",
  longest_wait: "Longest wait (s)",
  service_level: "Service level (%), below",
  handle_time: "Handle time (s)",
};

const IN_TIME = "Accepted in time means within (s)";

const COLOURS = ["petrol", "teal", "green", "lime", "blue", "violet", "gray", "yellow", "amber", "orange", "red", "clay"];
const COLOUR_USES = { good: "Within the goal", warning: "Warning", alarm: "Alarm" } as const;

/** What the drawer calls what the server names. */
function namesOf(queues: QueueFigures[], channels: ChannelFigures[]): Names {
  const limits = MEASURES.flatMap((measure) => [[`${measure}_warning`, `${NAMES[measure]}: warning`], [`${measure}_alarm`, `${NAMES[measure]}: alarm`]]);
  const scopes = [...queues.map(({ sid, name }) => [sid, name]), ...channels.map(({ name, friendly_name }) => [name, friendly_name])];
  return { ...Object.fromEntries([...limits, ...scopes]), service_level_seconds: IN_TIME, queues: "", channels: "" };
}

type Props = { goals: Goals; queues: QueueFigures[]; channels: ChannelFigures[]; onClose: () => void };

/** What figures are measured against: in general, and for single queues and channels. */
export function GoalsDrawer({ goals, queues, channels, onClose }: Props) {
  const [draft, setDraft] = useState(goals);
  const [scope, setScope] = useState("");
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: saveGoals,
    onSuccess: () => {
      onClose();
      return client.invalidateQueries({ queryKey: ["supervisor"] });
    },
  });
  const [kind, key] = scope ? ([scope.slice(0, scope.indexOf(":")), scope.slice(scope.indexOf(":") + 1)] as ["queues" | "channels", string]) : [null, ""];
  const own: Partial<Limits> = kind ? (draft[kind][key] ?? {}) : draft;
  const change = (name: keyof Limits, value: number | null) => {
    if (!kind) {
      if (value !== null) setDraft({ ...draft, [name]: value });
      return;
    }
    const { [name]: _, ...rest } = own;
    setDraft({ ...draft, [kind]: { ...draft[kind], [key]: value === null ? rest : { ...rest, [name]: value } } });
  };
  const field = (name: keyof Limits, label: string) => (
    <NumberInput
      label={label}
      min={0}
      allowDecimal={false}
      value={own[name] ?? ""}
      placeholder={kind ? String(draft[name]) : undefined}
      onChange={(value) => change(name, typeof value === "number" ? value : null)}
    />
  );
  return (
    <Drawer opened onClose={onClose} title="Goals and colours" position="right" size="md">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate(draft);
        }}
      >
        <Stack gap="md">
          <Select
            label="For"
            data={[
              { group: "Everything", items: [{ value: "", label: "Everything without goals of its own" }] },
              { group: "Queues", items: queues.map(({ sid, name }) => ({ value: `queues:${sid}`, label: name })) },
              { group: "Channels", items: channels.map(({ name, friendly_name }) => ({ value: `channels:${name}`, label: friendly_name })) },
            ]}
            value={scope}
            onChange={(value) => setScope(value ?? "")}
            allowDeselect={false}
            searchable
          />
          {kind && (
            <Text size="xs" c="dimmed">
              An empty field takes the general goal. A queue’s goal wins over its channel’s.
            </Text>
          )}
          {field("service_level_seconds", IN_TIME)}
          {MEASURES.map((measure) => (
            <Group key={measure} grow align="flex-end">
              {field(`${measure}_warning`, `${NAMES[measure]}: warning`)}
              {field(`${measure}_alarm`, "alarm")}
            </Group>
          ))}
          {!kind && (
            <>
              <Group grow>
                {(Object.keys(COLOUR_USES) as (keyof typeof COLOUR_USES)[]).map((use) => (
                  <Select
                    key={use}
                    label={COLOUR_USES[use]}
                    data={COLOURS}
                    allowDeselect={false}
                    value={draft.colours[use]}
                    leftSection={<i className="swatch" style={{ background: `var(--mantine-color-${draft.colours[use]}-filled)` }} />}
                    onChange={(value) => value && setDraft({ ...draft, colours: { ...draft.colours, [use]: value } })}
                  />
                ))}
              </Group>
              <Switch
                label="Monitor in private"
                description="Agents are not told that a supervisor looks on. Customers never are."
                checked={draft.is_monitoring_private}
                onChange={(event) => setDraft({ ...draft, is_monitoring_private: event.currentTarget.checked })}
              />
            </>
          )}
          <NotSaved error={save.error} names={namesOf(queues, channels)} />
        </Stack>
        <FormFoot label="Save" isSaving={save.isPending} onCancel={onClose} />
      </form>
    </Drawer>
  );
}
