import { ActionIcon, Alert, Autocomplete, Button, FileButton, Group, MultiSelect, Progress, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconArrowLeft, IconFile, IconPaperclip, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";

import type { CannedReply, Step } from "../api/console-types";
import { NotSaved } from "../app/NotSaved";
import { upload } from "../console/api/uploads";
import { fillIn, unfilled, VARIABLES } from "../console/core/variables";
import { ADDRESS_TYPES, channelName } from "../core/channels";
import { canned } from "./api";
import { stepsAreComplete, StepsEditor } from "./StepsEditor";

const NAMES = { shortcode: "Shortcode", folder: "Folder", body: "Text", channels: "Channels", media: "Files", steps: "And then", wake: "It comes back" };

type Props = { reply: CannedReply | null; scope: CannedReply["scope"]; onDone: () => void };
type Held = { sid: string; filename: string };

const EXAMPLE = { agentName: "Ana López", held: null, conversation: {} };

/** Write a canned reply: text with variables, files, and where it is offered. */
export function ReplyForm({ reply, scope, onDone }: Props) {
  const client = useQueryClient();
  const field = useRef<HTMLTextAreaElement>(null);
  const [shortcode, setShortcode] = useState(reply?.shortcode ?? "");
  const [folder, setFolder] = useState(reply?.folder ?? "");
  const [body, setBody] = useState(reply?.body ?? "");
  const [channels, setChannels] = useState<string[]>(reply?.channels ?? []);
  const [steps, setSteps] = useState<readonly Step[]>(reply?.steps ?? []);
  const [media, setMedia] = useState<readonly Held[]>(reply?.media ?? []);
  const [sending, setSending] = useState<{ name: string; part: number } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const folders = [...new Set((client.getQueryData<CannedReply[]>(["canned-replies"]) ?? []).map((each) => each.folder).filter(Boolean))];

  const save = useMutation({
    mutationFn: () => {
      const values = { shortcode: shortcode.trim(), folder: folder.trim(), body, channels, steps: [...steps], media: media.map(({ sid }) => sid) };
      return reply ? canned.update(reply.sid, values) : canned.create(values, scope);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["canned-replies"] });
      onDone();
    },
  });
  const add = (file: File | null) => {
    if (!file) return;
    setProblem(null);
    setSending({ name: file.name, part: 0 });
    upload("canned-replies/media", file, (part) => setSending({ name: file.name, part }))
      .done.then(({ sid, filename }) => setMedia((before) => (sid ? [...before, { sid, filename: filename || file.name }] : before)))
      .catch((error: unknown) => setProblem(error instanceof Error ? error.message : "The file was not kept."))
      .finally(() => setSending(null));
  };
  const insert = (name: string) => {
    const { selectionStart: from = body.length, selectionEnd: to = body.length } = field.current ?? {};
    setBody(`${body.slice(0, from)}{{ ${name} }}${body.slice(to)}`);
    field.current?.focus();
  };
  const example = VARIABLES.reduce((text, [name, value]) => text.replaceAll(new RegExp(`\\{\\{\\s*${name.replace(/[.…]/g, "\\$&")}\\s*(\\|[^}]*)?\\}\\}`, "g"), value), body);

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Button variant="subtle" color="gray" mb="sm" px={8} leftSection={<IconArrowLeft size={17} />} onClick={onDone}>
        All canned replies
      </Button>
      <Stack gap="md" maw={680}>
        <NotSaved error={save.error} names={NAMES} />
        <Group grow align="flex-start">
          <TextInput
            label="Shortcode" description="What is typed behind the slash" required leftSection="/" maxLength={41} data-autofocus
            value={shortcode} onChange={(event) => setShortcode(event.currentTarget.value.replace(/^\/+/, ""))}
          />
          <Autocomplete label="Folder" description="To find it by" maxLength={80} data={folders} value={folder} onChange={setFolder} />
        </Group>
        <Textarea
          ref={field} label="Text" autosize minRows={4} maxRows={14} maxLength={8_192} dir="auto"
          value={body} onChange={(event) => setBody(event.currentTarget.value)}
        />
        <div>
          <Text size="sm" fw={500} mb={6} id="variables">
            Insert a variable
          </Text>
          <Group gap={6} role="group" aria-labelledby="variables">
            {VARIABLES.filter(([name]) => !name.endsWith("…")).map(([name]) => (
              <Button key={name} size="compact-xs" variant="default" onClick={() => insert(name)}>
                {name}
              </Button>
            ))}
          </Group>
          <Text size="xs" c="dimmed" mt={6}>
            Also task.… and conversation.… with a path into their attributes. A word for when it is empty stands behind a bar:{" "}
            {"{{ customer.first_name | there }}"}
          </Text>
        </div>
        {body.includes("{{") && (
          <Alert variant="light" color="gray" title="For instance">
            <Text size="sm" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
              {fillIn(example, EXAMPLE)}
            </Text>
            {unfilled(fillIn(example, EXAMPLE)).length > 0 && (
              <Text size="xs" c="dimmed" mt={6}>
                What stays in braces is filled in by the task. Where it is empty, the agent has to fill it in before sending.
              </Text>
            )}
          </Alert>
        )}
        <StepsEditor steps={steps} onChange={setSteps} />
        <MultiSelect
          label="Channels" description="None chosen: all of them" clearable
          data={ADDRESS_TYPES.map((type) => ({ value: type, label: channelName(type) }))} value={channels} onChange={setChannels}
        />
        <div>
          <Text size="sm" fw={500} mb={6}>
            Files
          </Text>
          <Stack gap={6} align="flex-start">
            {media.map(({ sid, filename }) => (
              <Group key={sid} gap={8} wrap="nowrap">
                <IconFile size={17} stroke={1.6} aria-hidden />
                <Text size="sm" style={{ overflowWrap: "anywhere" }}>
                  {filename || "file"}
                </Text>
                <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${filename}`} onClick={() => setMedia(media.filter((file) => file.sid !== sid))}>
                  <IconX size={15} />
                </ActionIcon>
              </Group>
            ))}
            {sending && <Progress w={240} value={sending.part * 100} aria-label={`Sending ${sending.name}`} />}
            {problem && (
              <Text size="sm" c="var(--fd-danger)" role="alert">
                {problem}
              </Text>
            )}
            <FileButton onChange={add}>
              {(props) => (
                <Button {...props} size="xs" variant="default" disabled={sending !== null || media.length >= 10} leftSection={<IconPaperclip size={16} />}>
                  Add a file
                </Button>
              )}
            </FileButton>
          </Stack>
        </div>
      </Stack>
      <Group justify="flex-end" mt="lg" maw={680}>
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!shortcode.trim() || sending !== null || !stepsAreComplete(steps) || (!body.trim() && !media.length && !steps.length)}>
          Save canned reply
        </Button>
      </Group>
    </form>
  );
}
