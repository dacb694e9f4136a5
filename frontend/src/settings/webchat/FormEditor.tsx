import { ActionIcon, Button, Group, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";

import { LinesInput } from "./LinesInput";
import { nameOf, type Field } from "./settings";

const TYPES: Record<Field["type"], string> = {
  text: "A line of text",
  email: "E-mail address",
  tel: "Phone number",
  textarea: "Several lines",
  select: "A choice",
  checkbox: "A box to tick",
};

type Props = { fields: Field[]; most: number; onChange: (fields: Field[]) => void };

/** The questions before the chat, in their order. */
export function FormEditor({ fields, most, onChange }: Props) {
  const change = (at: number, what: Partial<Field>) => onChange(fields.map((field, place) => (place === at ? { ...field, ...what } : field)));
  const move = (at: number, by: number) => {
    const moved = [...fields];
    const [field] = moved.splice(at, 1);
    moved.splice(at + by, 0, field!);
    onChange(moved);
  };
  const names = fields.map((field) => field.name);
  const add = () => onChange([...fields, { name: nameOf("Field", names), label: "", type: "text", required: false, options: [] }]);
  return (
    <Stack gap="sm">
      {fields.length === 0 && (
        <Text size="sm" c="dimmed">
          Customers write at once. Add questions to know who writes, and about what.
        </Text>
      )}
      <ol className="webchat-form">
        {fields.map((field, at) => (
          <li key={at}>
            <Group align="flex-end" gap="xs" wrap="wrap">
              <TextInput
                label={`Question ${at + 1}`}
                className="webchat-form__label"
                value={field.label}
                placeholder="Your name"
                onChange={(event) => {
                  const label = event.currentTarget.value;
                  const isOwn = field.name === nameOf(field.label || "Field", names.filter((_, place) => place !== at));
                  change(at, { label, ...(isOwn ? { name: nameOf(label || "Field", names.filter((_, place) => place !== at)) } : {}) });
                }}
              />
              <Select label="Answer" data={Object.entries(TYPES).map(([value, label]) => ({ value, label }))} value={field.type} allowDeselect={false} onChange={(type) => type && change(at, { type: type as Field["type"] })} />
              <Group gap={2} wrap="nowrap" className="webchat-form__actions">
                <ActionIcon variant="subtle" color="gray" aria-label={`Move question ${at + 1} up`} disabled={at === 0} onClick={() => move(at, -1)}>
                  <IconArrowUp size={16} />
                </ActionIcon>
                <ActionIcon variant="subtle" color="gray" aria-label={`Move question ${at + 1} down`} disabled={at === fields.length - 1} onClick={() => move(at, 1)}>
                  <IconArrowDown size={16} />
                </ActionIcon>
                <ActionIcon variant="subtle" color="clay" aria-label={`Remove question ${at + 1}`} onClick={() => onChange(fields.filter((_, place) => place !== at))}>
                  <IconTrash size={16} />
                </ActionIcon>
              </Group>
            </Group>
            {field.type === "select" && (
              <LinesInput label="Choices, one a line" mt="xs" value={field.options} onChange={(options) => change(at, { options })} />
            )}
            <Group justify="space-between" mt={6}>
              <Switch size="xs" label="Has to be answered" checked={field.required} onChange={(event) => change(at, { required: event.currentTarget.checked })} />
              <Text size="xs" c="dimmed">
                Flows read it as <code>{field.name}</code>
              </Text>
            </Group>
          </li>
        ))}
      </ol>
      <Button variant="default" leftSection={<IconPlus size={16} />} disabled={fields.length >= most} onClick={add} w="fit-content">
        Add a question
      </Button>
    </Stack>
  );
}
