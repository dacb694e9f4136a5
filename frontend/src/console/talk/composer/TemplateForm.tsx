import { Button, Select, Text, TextInput } from "@mantine/core";
import { IconSend2 } from "@tabler/icons-react";
import { useState } from "react";

import type { MessageTemplate } from "../../../api/console-types";
import { fillTemplate } from "../../core/variables";

type Props = {
  templates: readonly MessageTemplate[];
  channelName: string;
  onSend: (template: MessageTemplate, variables: Record<string, string>, body: string) => void;
};

/** Choose what the provider has approved, fill in its places, see what the customer will read. */
export function TemplateForm({ templates, channelName, onSend }: Props) {
  const [chosen, setSid] = useState<string | null>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const sid = chosen ?? (templates.length === 1 ? (templates[0]?.sid ?? null) : null);
  const template = templates.find((each) => each.sid === sid);
  if (!templates.length) {
    return (
      <Text size="sm" c="dimmed">
        No template is set up for {channelName}. Your administrator adds them under Settings, Templates. The customer can always
        write again by themselves.
      </Text>
    );
  }
  const complete = template?.variables.every((name) => values[name]?.trim());
  return (
    <form
      className="template"
      aria-label="Send a template"
      onSubmit={(event) => {
        event.preventDefault();
        if (!template || !complete) return;
        const given = Object.fromEntries(template.variables.map((name) => [name, values[name]?.trim() ?? ""]));
        onSend(template, given, fillTemplate(template.body, given));
        setSid(null);
        setValues({});
      }}
    >
      <Select
        label="Template"
        placeholder="Choose a template"
        searchable
        data={templates.map((each) => ({ value: each.sid, label: each.name }))}
        value={sid}
        onChange={(next) => {
          setSid(next);
          setValues({});
        }}
      />
      {template?.variables.map((name) => (
        <TextInput
          key={name}
          label={/^\d+$/.test(name) ? `Value ${name}` : name}
          required
          maxLength={500}
          value={values[name] ?? ""}
          onChange={(event) => {
            const { value } = event.currentTarget;
            setValues((before) => ({ ...before, [name]: value }));
          }}
        />
      ))}
      {template && (
        <p className="template__preview" dir="auto">
          {fillTemplate(template.body, values)}
        </p>
      )}
      <Button type="submit" disabled={!complete} leftSection={<IconSend2 size={17} aria-hidden />}>
        Send the template
      </Button>
    </form>
  );
}
