/** The agent's side of supervision, one line in the console: who looks on, and asking for help. */
import "./coaching.css";

import { Button, Group, Popover, Text, Textarea } from "@mantine/core";
import { IconEye, IconLifebuoy } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api } from "../api/client";
import { useClient } from "../console/useConsole";
import type { Help } from "./types";

type Told = { help: Help | null; watchers: string[] };

/** The console's socket says when something is different; this is for when it cannot. */
const EVERY_MS = 15_000;

export function Coaching({ conversationSid }: { conversationSid: string }) {
  const path = `console/conversations/${conversationSid}/coaching`;
  const key = ["coaching", conversationSid];
  const client = useQueryClient();
  const query = useQuery({ queryKey: key, queryFn: () => api.get<Told>(path), refetchInterval: EVERY_MS, retry: false });
  const desk = useClient();
  const { refetch } = query;
  useEffect(() => desk.onWork(() => void refetch()), [desk, refetch]);
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState("");
  const act = useMutation({
    mutationFn: (wanted: boolean) => (wanted ? api.post<Told>(path, { note: note.trim() }) : api.delete<Told>(path)),
    onSuccess: (told) => {
      client.setQueryData(key, told);
      setAsking(false);
      setNote("");
    },
  });
  if (!query.data) return null;
  const { help, watchers } = query.data;
  return (
    <div className="coaching">
      {watchers.length > 0 && (
        <Text size="xs" c="dimmed" className="coaching__who" role="status">
          <IconEye size={14} aria-hidden /> {watchers.join(", ")} looking on
        </Text>
      )}
      {help ? (
        <Group gap="xs" wrap="nowrap" className="coaching__asked">
          <Text size="xs" role="status">
            {help.accepted_by ? `${help.accepted_by} is helping` : "Help is called"}
          </Text>
          <Button size="compact-xs" variant="default" loading={act.isPending} onClick={() => act.mutate(false)}>
            {help.accepted_by ? "Settled" : "Take it back"}
          </Button>
        </Group>
      ) : (
        <Popover opened={asking} onChange={setAsking} position="bottom-end" trapFocus withArrow>
          <Popover.Target>
            <Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconLifebuoy size={15} />} onClick={() => setAsking(!asking)} aria-expanded={asking}>
              Ask for help
            </Button>
          </Popover.Target>
          <Popover.Dropdown>
            <form
              onSubmit={(event) => {
                event.preventDefault();
                act.mutate(true);
              }}
            >
              <Textarea label="What is it about?" description="Supervisors are told at once." maxLength={500} autosize minRows={2} w={260} value={note} onChange={(event) => setNote(event.currentTarget.value)} data-autofocus />
              {act.isError && (
                <Text size="xs" c="var(--fd-danger)" mt={4}>
                  {act.error.message}
                </Text>
              )}
              <Group justify="flex-end" mt="xs">
                <Button type="submit" size="xs" loading={act.isPending}>
                  Call a supervisor
                </Button>
              </Group>
            </form>
          </Popover.Dropdown>
        </Popover>
      )}
    </div>
  );
}
