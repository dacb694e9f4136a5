import { ActionIcon, Button, Group, Modal, NumberInput, SegmentedControl, Select, Stack, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { FormFoot } from "../app/FormFoot";
import { NotSaved } from "../app/NotSaved";
import { channelName } from "../core/channels";
import { SURVEYS, type Rule } from "./surveys";
import type { Options } from "./types";

type Props = { rule: Rule | null; defaults: { question: string; thanks: string }; options: Options; onClose: () => void };
type Language = { name: string; question: string; thanks: string };

const NAMES = {
  channel_type: "Channel", queue_sid: "Queue", mode: "Who asks", flow_sid: "Flow", delay_seconds: "Ask after", expiry_seconds: "Wait for an answer",
  texts: "", question: "Question", thanks: "Thanks",
};

/** For whom a rule is, who asks, when, and with which words. */
export function RuleDialog({ rule, defaults, options, onClose }: Props) {
  const [channel, setChannel] = useState(rule?.channel_type ?? "");
  const [queue, setQueue] = useState(rule?.queue_sid ?? null);
  const [enabled, setEnabled] = useState(rule?.enabled ?? true);
  const [mode, setMode] = useState<Rule["mode"]>(rule?.mode ?? "built_in");
  const [flow, setFlow] = useState(rule?.flow_sid ?? null);
  const [delay, setDelay] = useState<number | string>((rule?.delay_seconds ?? 60) / 60);
  const [expiry, setExpiry] = useState<number | string>((rule?.expiry_seconds ?? 86_400) / 3600);
  const [general, setGeneral] = useState<Language>({ name: "", question: rule?.texts[""]?.question ?? "", thanks: rule?.texts[""]?.thanks ?? defaults.thanks });
  const [others, setOthers] = useState<Language[]>(
    Object.entries(rule?.texts ?? {}).flatMap(([name, words]) => (name ? [{ name, question: words.question ?? "", thanks: words.thanks ?? "" }] : [])),
  );
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => {
      const words = ({ question, thanks }: Language) => ({ ...(question.trim() ? { question: question.trim() } : {}), thanks: thanks.trim() });
      const body = {
        channel_type: channel,
        queue_sid: queue,
        enabled,
        mode,
        flow_sid: mode === "flow" ? flow : null,
        delay_seconds: Math.round(Number(delay) * 60),
        expiry_seconds: Math.round(Number(expiry) * 3600),
        texts: Object.fromEntries([["", words(general)], ...others.filter(({ name }) => name.trim()).map((each) => [each.name.trim(), words(each)] as const)]),
      };
      return rule ? api.put<Rule>(`reports/surveys/${rule.sid}`, body) : api.post<Rule>("reports/surveys", body);
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: SURVEYS });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={rule ? "Edit the rule" : "New survey rule"} size="lg">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <Stack gap="md">
          <Group grow>
            <Select label="Channel" allowDeselect={false} data={[{ value: "", label: "Every channel" }, ...options.channels.map((value) => ({ value, label: channelName(value) }))]} value={channel} onChange={(value) => setChannel(value ?? "")} />
            <Select label="Queue" clearable searchable placeholder="Every queue" data={options.queues.map(({ sid, name }) => ({ value: sid, label: name }))} value={queue} onChange={setQueue} />
          </Group>
          <Switch label="Ask these customers" description="Off, the rule keeps more general ones from asking." checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
          <SegmentedControl aria-label="Who asks" data={[{ value: "built_in", label: "One question" }, { value: "flow", label: "A flow" }]} value={mode} onChange={(value) => setMode(value as Rule["mode"])} />
          {mode === "flow" && (
            <Select label="Flow" required searchable description="It starts by request, with conversation_sid among its data. Its variables rating (1 to 5) and comment are kept. In web chat the question below is asked." data={options.flows.map(({ sid, name }) => ({ value: sid, label: name }))} value={flow} onChange={setFlow} />
          )}
          <Group grow>
            <NumberInput label="Ask after (min)" description="In web chat: at once." min={0} max={43_200} value={delay} onChange={setDelay} required />
            <NumberInput label="Wait for an answer (h)" description="Later, it is a new message." min={0.1} max={720} value={expiry} onChange={setExpiry} required />
          </Group>
          <Textarea label="Question" placeholder={defaults.question} autosize minRows={2} maxLength={600} value={general.question} onChange={(event) => setGeneral({ ...general, question: event.currentTarget.value })} />
          <TextInput label="Thanks" description="Empty: nothing is said after a rating." maxLength={600} value={general.thanks} onChange={(event) => setGeneral({ ...general, thanks: event.currentTarget.value })} />
          {others.map((language, index) => {
            const change = (part: Partial<Language>) => setOthers(others.map((each, place) => (place === index ? { ...each, ...part } : each)));
            return (
              <fieldset key={index} className="language">
                <Group gap="xs" wrap="nowrap" align="flex-end">
                  <TextInput label="Language" placeholder="de" w={90} maxLength={20} value={language.name} onChange={(event) => change({ name: event.currentTarget.value })} />
                  <TextInput label="Question" flex={1} maxLength={600} value={language.question} onChange={(event) => change({ question: event.currentTarget.value })} />
                  <TextInput label="Thanks" flex={1} maxLength={600} value={language.thanks} onChange={(event) => change({ thanks: event.currentTarget.value })} />
                  <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove the language ${language.name}`} onClick={() => setOthers(others.filter((_, place) => place !== index))}>
                    <IconX size={17} />
                  </ActionIcon>
                </Group>
              </fieldset>
            );
          })}
          <div>
            <Button size="xs" variant="default" leftSection={<IconPlus size={15} />} onClick={() => setOthers([...others, { name: "", question: "", thanks: "" }])}>
              Another language
            </Button>
            <Text size="xs" c="dimmed" mt={6}>
              The conversation’s attribute language chooses.
            </Text>
          </div>
          <NotSaved error={save.error} names={NAMES} />
        </Stack>
        <FormFoot label="Save" isSaving={save.isPending} onCancel={onClose} />
      </form>
    </Modal>
  );
}
