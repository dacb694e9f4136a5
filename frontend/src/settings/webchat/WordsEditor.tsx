import { ActionIcon, Button, Group, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { defaultTexts } from "../../../webchat/src/texts";

const NAMES = Object.keys(defaultTexts).filter((name) => name !== "fields") as (keyof typeof defaultTexts)[];

type Words = Record<string, Record<string, string>>;

/** The widget's words in other languages: a page gets those of its language. */
export function WordsEditor({ texts, onChange }: { texts: Words; onChange: (texts: Words) => void }) {
  const [language, setLanguage] = useState("");
  const isLanguage = /^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$/.test(language);
  const set = (of: string, name: string, text: string | null) => {
    const words = { ...texts[of] };
    if (text === null) delete words[name];
    else words[name] = text;
    onChange({ ...texts, [of]: words });
  };
  return (
    <Stack gap="md">
      {Object.entries(texts).map(([of, words]) => (
        <fieldset key={of} className="webchat-words">
          <legend>{of}</legend>
          {Object.entries(words).map(([name, text]) => (
            <Group key={name} gap="xs" wrap="nowrap" align="flex-end">
              <TextInput label={String(defaultTexts[name as keyof typeof defaultTexts] ?? name)} flex={1} value={text} onChange={(event) => set(of, name, event.currentTarget.value)} />
              <ActionIcon variant="subtle" color="clay" mb={4} aria-label={`Take back ${name} in ${of}`} onClick={() => set(of, name, null)}>
                <IconTrash size={16} />
              </ActionIcon>
            </Group>
          ))}
          <Group gap="xs">
            <Select aria-label={`Another text in ${of}`} placeholder="Another text…" searchable value={null} flex={1} data={NAMES.filter((name) => !(name in words)).map((name) => ({ value: name, label: String(defaultTexts[name]) }))} onChange={(name) => name && set(of, name, "")} />
            <Button variant="subtle" color="clay" onClick={() => onChange(Object.fromEntries(Object.entries(texts).filter(([each]) => each !== of)))}>
              Remove {of}
            </Button>
          </Group>
        </fieldset>
      ))}
      <Group align="flex-end" gap="xs">
        <TextInput label="Language" placeholder="de" w={120} value={language} onChange={(event) => setLanguage(event.currentTarget.value.trim())} />
        <Button
          variant="default"
          disabled={!isLanguage || language in texts}
          onClick={() => {
            onChange({ ...texts, [language]: {} });
            setLanguage("");
          }}
        >
          Add the language
        </Button>
      </Group>
      <Text size="xs" c="dimmed">
        A page’s language is that of its <code>lang</code> attribute, or <code>data-lang</code> on the tag. What is not translated stays English.
      </Text>
    </Stack>
  );
}
