import "./webchat.css";

import { Accordion, Button, ColorInput, Group, NumberInput, Select, SimpleGrid, Stack, Switch, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { IconMessageCircle } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { api } from "../../api/client";
import { NotSaved } from "../../app/NotSaved";
import { EmptyState, ErrorState, LoadingState } from "../../app/states";
import { CopyLine } from "./CopyLine";
import { FormEditor } from "./FormEditor";
import { IdentityCard } from "./IdentityCard";
import { LinesInput } from "./LinesInput";
import { Preview } from "./Preview";
import { policyOf, scriptTag, NAMES, type Webchat, type WebchatList, type WebchatSettings } from "./settings";
import { WordsEditor } from "./WordsEditor";

const MEGABYTE = 1024 * 1024;

/** How each web chat looks, what it asks and takes, and who may have it on their pages. */
export function WebchatPanel() {
  const query = useQuery({ queryKey: ["webchats"], queryFn: () => api.get<WebchatList>("webchats") });
  const [chosen, setChosen] = useState<string | null>(null);
  if (query.isPending) return <LoadingState label="Reading the web chats" />;
  if (query.isError) return <ErrorState title="The web chats cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { webchats } = query.data;
  const webchat = webchats.find(({ sid }) => sid === chosen) ?? webchats[0];
  if (!webchat) {
    return (
      <EmptyState icon={<IconMessageCircle size={26} stroke={1.6} />} title="No web chat yet">
        Make a connection of the channel “Web chat” first; it is then set up here.
      </EmptyState>
    );
  }
  return (
    <>
      {webchats.length > 1 && (
        <Select label="Web chat" mb="md" maw={360} allowDeselect={false} data={webchats.map(({ sid, friendly_name, address }) => ({ value: sid, label: friendly_name || address }))} value={webchat.sid} onChange={setChosen} />
      )}
      <Editor key={webchat.sid} webchat={webchat} list={query.data} />
    </>
  );
}

function Editor({ webchat, list }: { webchat: Webchat; list: WebchatList }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState(webchat.settings);
  const set = (change: Partial<WebchatSettings>) => setDraft((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: () => api.put<Webchat>(`webchats/${webchat.sid}`, { settings: { ...draft, form: draft.form.map((field) => ({ ...field, label: field.label || field.name })) } }),
    onSuccess: (saved) => {
      setDraft(saved.settings);
      return client.invalidateQueries({ queryKey: ["webchats"] });
    },
  });
  const isChanged = JSON.stringify(draft) !== JSON.stringify(webchat.settings);
  return (
    <div className="webchat-settings">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Accordion multiple defaultValue={["tag", "look"]} variant="separated">
          <Part name="tag" title="Put it on your site">
            <Text size="sm">Copy this into the pages that show the chat:</Text>
            <CopyLine label="script tag" text={scriptTag(webchat)} />
            <Text size="sm">A site with a content security policy adds:</Text>
            <CopyLine label="content security policy" text={policyOf(webchat.script_url)} />
          </Part>
          <Part name="look" title="Look">
            <TextInput label="Title" placeholder="Chat with us" maxLength={80} value={draft.title} onChange={(event) => set({ title: event.currentTarget.value })} />
            <Textarea label="Greeting" placeholder="Hello! How can we help you?" autosize maxLength={500} value={draft.greeting} onChange={(event) => set({ greeting: event.currentTarget.value })} />
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <ColorInput label="Colour" withEyeDropper={false} placeholder="#3457d5" format="hex" value={draft.accent} onChange={(accent) => set({ accent })} />
              <Choice label="Light or dark" value={draft.theme} data={{ auto: "As the visitor’s system", light: "Light", dark: "Dark" }} onChange={(theme) => set({ theme })} />
              <Choice label="Corner" value={draft.position} data={{ right: "Right", left: "Left" }} onChange={(position) => set({ position })} />
              <Choice label="Writing direction" value={draft.direction || "page"} data={{ page: "As the page", ltr: "Left to right", rtl: "Right to left" }} onChange={(value) => set({ direction: value === "page" ? "" : value })} />
              <Choice label="Button’s picture" value={draft.launcher_icon} data={{ chat: "Speech bubble", question: "Question mark", wave: "Hand", mail: "Letter" }} onChange={(launcher_icon) => set({ launcher_icon })} />
              <TextInput label="Button’s text" placeholder="None" maxLength={40} value={draft.launcher_text} onChange={(event) => set({ launcher_text: event.currentTarget.value })} />
            </SimpleGrid>
            <Switch label="Sound for new messages" description="Visitors can turn it on and off themselves." checked={draft.sound} onChange={(event) => set({ sound: event.currentTarget.checked })} />
            <Switch label="Visitors may save the transcript" checked={draft.transcript} onChange={(event) => set({ transcript: event.currentTarget.checked })} />
          </Part>
          <Part name="form" title="Questions before the chat">
            <FormEditor fields={draft.form} most={list.limits.form_fields} onChange={(form) => set({ form })} />
          </Part>
          <Part name="files" title="Files">
            <Switch label="Visitors may send files" checked={draft.files} onChange={(event) => set({ files: event.currentTarget.checked })} />
            <TagsInput label="Types" description="Such as image/* or application/pdf; judged by what is in the file." disabled={!draft.files} value={draft.file_types} onChange={(file_types) => set({ file_types })} />
            <NumberInput label="Largest file (MB)" min={0.1} max={list.limits.max_file_bytes / MEGABYTE} decimalScale={1} step={1} disabled={!draft.files} value={Math.round((draft.max_file_bytes / MEGABYTE) * 10) / 10} onChange={(value) => typeof value === "number" && set({ max_file_bytes: Math.min(list.limits.max_file_bytes, Math.round(value * MEGABYTE)) })} />
          </Part>
          <Part name="hours" title="Opening hours and waiting">
            <Select label="Opening hours" placeholder="Always open" description="Made under Routing, Opening hours." clearable data={list.calendars.map(({ sid, name }) => ({ value: sid, label: name }))} value={draft.calendar_sid || null} onChange={(sid) => set({ calendar_sid: sid ?? "" })} />
            <Choice label="Outside them" value={draft.offline} data={{ message: "Take a message", chat: "Chat all the same", closed: "Take nothing" }} onChange={(offline) => set({ offline })} />
            <Textarea label="What is said then" placeholder="We are not here at the moment." autosize maxLength={500} value={draft.offline_text} onChange={(event) => set({ offline_text: event.currentTarget.value })} />
            <Switch label="Show the place in the queue" checked={draft.show_queue} onChange={(event) => set({ show_queue: event.currentTarget.checked })} />
            <NumberInput label="Offer to leave a message after (seconds of waiting)" description="0: never." min={0} max={86400} value={draft.leave_message_after} onChange={(value) => typeof value === "number" && set({ leave_message_after: value })} />
          </Part>
          <Part name="who" title="Who may use it">
            <LinesInput label="Sites" description="Origins whose pages may show the chat, one a line, such as https://shop.example or https://*.shop.example. Empty: all." value={draft.origins} onChange={(origins) => set({ origins })} />
            <IdentityCard webchat={webchat} identity={draft.identity} onChange={(identity) => set({ identity })} />
          </Part>
          <Part name="words" title="Words and languages">
            <WordsEditor texts={draft.texts} onChange={(texts) => set({ texts })} />
          </Part>
        </Accordion>
        <NotSaved error={save.error} names={NAMES} mt="md" />
        <Group className="webchat-settings__foot" justify="flex-end">
          <Text size="sm" c="dimmed" role="status" mr="auto">
            {save.isSuccess && !isChanged ? "Saved. Pages show it within a minute." : isChanged ? "Not saved yet." : ""}
          </Text>
          <Button variant="default" disabled={!isChanged} onClick={() => setDraft(webchat.settings)}>
            Undo
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!isChanged}>
            Save
          </Button>
        </Group>
      </form>
      <Preview settings={draft} />
    </div>
  );
}

function Part({ name, title, children }: { name: string; title: string; children: ReactNode }) {
  return (
    <Accordion.Item value={name}>
      <Accordion.Control>{title}</Accordion.Control>
      <Accordion.Panel>
        <Stack gap="md">{children}</Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}

type ChoiceProps<T extends string> = { label: string; value: T; data: Record<T, string>; onChange: (value: T) => void };

function Choice<T extends string>({ label, value, data, onChange }: ChoiceProps<T>) {
  const options = Object.entries<string>(data).map(([key, text]) => ({ value: key, label: text }));
  return <Select label={label} allowDeselect={false} data={options} value={value} onChange={(next) => next && onChange(next as T)} />;
}
