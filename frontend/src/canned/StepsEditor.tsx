import { ActionIcon, Button, Group, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";

import type { Step } from "../api/console-types";

const KINDS: { value: Step["do"]; label: string }[] = [
  { value: "note", label: "Write a note for colleagues" },
  { value: "set", label: "Set an attribute of the contact" },
  { value: "park", label: "Park the conversation" },
  { value: "end", label: "End the conversation" },
];
const WAKES = [
  { value: "reply", label: "until the customer writes" },
  { value: "hour", label: "then, or in an hour" },
  { value: "hours", label: "then, or in three hours" },
  { value: "tomorrow", label: "then, or tomorrow at 9:00" },
];
const EMPTY: Record<Step["do"], Step> = { note: { do: "note", text: "" }, set: { do: "set", name: "", value: "" }, park: { do: "park", wake: "reply" }, end: { do: "end" } };
const MOST = 10;

type Props = { steps: readonly Step[]; onChange: (steps: readonly Step[]) => void };

/** What a macro does after its text was sent. Parking and ending come last. */
export function StepsEditor({ steps, onChange }: Props) {
  const put = (at: number, step: Step) => onChange(steps.map((each, index) => (index === at ? step : each)));
  const last = steps.at(-1);
  const isOver = last?.do === "park" || last?.do === "end";
  return (
    <div role="group" aria-labelledby="steps">
      <Text size="sm" fw={500} id="steps">
        And then
      </Text>
      <Text size="xs" c="dimmed" mb={8}>
        With steps it is a macro: choosing it shows what it will do, sends the text, and does the rest. Variables may stand in notes and values.
      </Text>
      <Stack gap={8}>
        {steps.map((step, at) => (
          <Group key={at} gap={8} align="flex-start" wrap="nowrap">
            <Stack gap={6} flex={1} miw={0}>
              <Select
                aria-label={`Step ${at + 1}`} allowDeselect={false} value={step.do}
                data={KINDS.filter(({ value }) => at === steps.length - 1 || value === "note" || value === "set")}
                onChange={(value) => value && value !== step.do && put(at, EMPTY[value as Step["do"]])}
              />
              {step.do === "note" && (
                <Textarea
                  aria-label={`Note of step ${at + 1}`} placeholder="What colleagues should read" autosize minRows={1} maxRows={6} maxLength={8_192} dir="auto"
                  value={step.text} onChange={(event) => put(at, { ...step, text: event.currentTarget.value })}
                />
              )}
              {step.do === "set" && (
                <Group gap={8} grow>
                  <TextInput aria-label={`Attribute of step ${at + 1}`} placeholder="Name" maxLength={60} value={step.name} onChange={(event) => put(at, { ...step, name: event.currentTarget.value })} />
                  <TextInput aria-label={`Value of step ${at + 1}`} placeholder="Value" maxLength={500} value={step.value} onChange={(event) => put(at, { ...step, value: event.currentTarget.value })} />
                </Group>
              )}
              {step.do === "park" && (
                <Select aria-label={`It comes back, step ${at + 1}`} allowDeselect={false} data={WAKES} value={step.wake} onChange={(wake) => wake && put(at, { do: "park", wake: wake as typeof step.wake })} />
              )}
            </Stack>
            <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove step ${at + 1}`} onClick={() => onChange(steps.filter((_, index) => index !== at))}>
              <IconX size={16} />
            </ActionIcon>
          </Group>
        ))}
      </Stack>
      <Button size="xs" mt={steps.length ? 8 : 0} variant="default" leftSection={<IconPlus size={16} />} disabled={isOver || steps.length >= MOST} onClick={() => onChange([...steps, EMPTY.note])}>
        Add a step
      </Button>
    </div>
  );
}

/** Whether every step says what it needs. */
export function stepsAreComplete(steps: readonly Step[]): boolean {
  return steps.every((step) => (step.do === "note" ? step.text.trim() : step.do === "set" ? step.name.trim() && step.value.trim() : true));
}
