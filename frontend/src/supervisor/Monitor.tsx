import { ActionIcon, Alert, Badge, Button, Drawer, Group, SegmentedControl, Text, Textarea, Tooltip } from "@mantine/core";
import { IconDoorEnter, IconDoorExit, IconEyeOff, IconHandGrab, IconSend } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { api } from "../api/client";
import type { Conversation, Message } from "../api/types";
import { ActLines } from "../app/ActLines";
import { ErrorState, LoadingState } from "../app/states";
import { readableName } from "../console/core/tasks";
import type { Act } from "../core/acts";
import { channelName } from "../core/channels";
import { newRef } from "../core/refs";
import { fullTime } from "../core/time";
import { settleHelp, useAct } from "./api";
import { merge, type Line, type Note } from "./core/monitor";
import { useTalkOf } from "./floor";
import type { TakenOver, Watching } from "./types";

const NEAR_END_PX = 48;
const MOST_SAID = 200;
/** The socket says when something was said; this is for when it cannot. */
const TALK_EVERY_MS = 15_000;
/** The server forgets who looks on after 50 seconds of silence. */
const WATCH_EVERY_MS = 15_000;
const SOURCES: Record<string, string> = { flow: "Flow", api: "API", system: "System" };

/** Looks into a conversation without leaving a trace the customer could see; from there to whisper, barge in, take over. */
export function Monitor({ sid, onClose }: { sid: string; onClose: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  useTalkOf(sid);
  const about = useQuery({ queryKey: ["supervisor", "conversation", sid], queryFn: () => api.get<Conversation>(`conversations/${sid}`), refetchInterval: TALK_EVERY_MS });
  const watching = useQuery({ queryKey: ["supervisor", "watching", sid], queryFn: () => api.post<Watching>(`supervisor/conversations/${sid}/watch`), refetchInterval: WATCH_EVERY_MS });
  useEffect(() => () => void api.delete(`supervisor/conversations/${sid}/watch`, { keepalive: true }).catch(() => undefined), [sid]);
  const barge = useAct(
    (joining: boolean) => (joining ? api.post(`supervisor/conversations/${sid}/barge`) : api.delete(`supervisor/conversations/${sid}/barge`)),
    undefined,
    ["supervisor", "watching", sid],
  );
  const takeOver = useAct(
    () => api.post<TakenOver>(`supervisor/conversations/${sid}/take-over`),
    ({ reservation_sid }) => void navigate(reservation_sid ? `/console/${reservation_sid}` : "/console"),
  );
  const settle = useAct(settleHelp);
  const [asking, setAsking] = useState(false);
  const told = watching.data;
  const isClosed = about.data?.state === "closed";
  const name = told ? readableName(told.customer) : "Conversation";
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      classNames={{ body: "monitor", content: "monitor__content" }}
      title={
        <span className="monitor__title">
          <span className="clip" dir="auto">{name}</span>
          {isClosed && <Badge color="gray" variant="light">Closed</Badge>}
        </span>
      }
    >
      <div className="monitor__head">
        <Text size="sm" c="dimmed">
          {about.data && channelName(about.data.channel_type)}
          {told && told.agents.length > 0 && ` · with ${told.agents.join(", ")}`}
          {told && told.watchers.length > 0 && ` · ${told.watchers.join(", ")} looking on too`}
        </Text>
        <Group gap={6}>
          <Tooltip label={told?.is_private ? "Neither the customer nor the agent knows that you look on" : "The agent is told that you look on; the customer is not"}>
            <Badge variant="light" color="gray" leftSection={<IconEyeOff size={13} />}>
              {told?.is_private ? "Private" : "Unseen by the customer"}
            </Badge>
          </Tooltip>
        </Group>
      </div>
      {told?.help && (
        <Alert color="clay" variant="light" mb="sm" title={`${told.help.agent} asks for help`}>
          {told.help.note || "No note."}
          <Button ml="sm" size="compact-sm" variant="default" loading={settle.isPending} onClick={() => settle.mutate(told.help!.sid)}>
            Settled
          </Button>
        </Alert>
      )}
      <Talk sid={sid} />
      {!isClosed && (
        <>
          <Group gap="xs" mt="sm" mb="xs">
            {told?.has_barged_in ? (
              <Button size="xs" variant="default" leftSection={<IconDoorExit size={16} />} loading={barge.isPending} onClick={() => barge.mutate(false)}>
                Leave again
              </Button>
            ) : (
              <Tooltip disabled={told === undefined || told.agents.length > 0} label="No agent has this conversation: a flow would go on answering">
                <Button size="xs" variant="default" leftSection={<IconDoorEnter size={16} />} loading={barge.isPending} aria-disabled={!told?.agents.length} data-disabled={!told?.agents.length || undefined} onClick={() => told?.agents.length && barge.mutate(true)}>
                  Barge in
                </Button>
              </Tooltip>
            )}
            {asking ? (
              <>
                <Text size="sm">The agent will be out of it.</Text>
                <Button size="xs" color="clay" loading={takeOver.isPending} onClick={() => takeOver.mutate(undefined)}>
                  Yes, take over
                </Button>
                <Button size="xs" variant="subtle" color="gray" onClick={() => setAsking(false)}>
                  No
                </Button>
              </>
            ) : (
              <Tooltip disabled={told?.can_take_over !== false} label="You take no tasks yourself: an admin can change that under Settings, People">
                <Button size="xs" variant="default" leftSection={<IconHandGrab size={16} />} aria-disabled={!told?.can_take_over} data-disabled={!told?.can_take_over || undefined} onClick={() => told?.can_take_over && setAsking(true)}>
                  Take over
                </Button>
              </Tooltip>
            )}
          </Group>
          <Composer sid={sid} canSpeak={Boolean(told?.has_barged_in)} agents={told?.agents ?? []} onSent={() => void client.invalidateQueries({ queryKey: ["supervisor", "talk", sid] })} />
        </>
      )}
    </Drawer>
  );
}

function Talk({ sid }: { sid: string }) {
  const query = useQuery({
    queryKey: ["supervisor", "talk", sid],
    queryFn: async () => {
      const [said, noted, happened] = await Promise.all([
        api.get<{ messages: Message[] }>(`conversations/${sid}/messages`, { query: { limit: MOST_SAID } }),
        api.get<{ messages: Note[] }>(`conversations/${sid}/internal`),
        api.get<{ acts: Act[] }>(`conversations/${sid}/acts`).catch(() => ({ acts: [] })),
      ]);
      return merge(said.messages, noted.messages, happened.acts, said.messages.length >= MOST_SAID);
    },
    refetchInterval: TALK_EVERY_MS,
  });
  const count = query.data?.length ?? 0;
  const { scroller, onScroll } = useFollowed(count);
  if (query.isPending) return <LoadingState label="Reading the conversation" />;
  if (!query.data) return <ErrorState title="The conversation cannot be read" error={query.error!} onRetry={() => void query.refetch()} />;
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroller without controls is reached by Tab itself
    <div ref={scroller} className="monitor__talk" role="log" aria-label="Conversation" tabIndex={0} onScroll={onScroll}>
      {count === 0 && <Text c="dimmed" size="sm">Not a message yet.</Text>}
      {query.data.map((line) => (
        <TalkLine key={line.key} line={line} />
      ))}
    </div>
  );
}

/** A scroller that shows its end, also in another size, until the reader scrolls up. */
function useFollowed(count: number) {
  const [element, scroller] = useState<HTMLDivElement | null>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    if (!element) return;
    const follow = () => {
      if (isAtEnd.current) element.scrollTo({ top: element.scrollHeight });
    };
    follow();
    const observer = new ResizeObserver(follow);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, count]);
  const onScroll = () => {
    if (element) isAtEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - NEAR_END_PX;
  };
  return { scroller, onScroll };
}

function TalkLine({ line }: { line: Line }) {
  if (line.kind === "acts") return <ActLines acts={line.acts} />;
  return (
    <div className={`line line--${line.kind}`}>
      <span className="line__who">
        {line.kind === "whisper" ? "Whisper · " : line.kind === "note" ? "Note · " : ""}
        {SOURCES[line.source] && line.author === "" ? SOURCES[line.source] : line.author}
        <time dateTime={line.time} title={fullTime(line.time)}>
          {line.time.slice(11, 16)}
        </time>
      </span>
      <span className="line__text" dir="auto">{line.body || (line.media ? `${line.media} attached` : "")}</span>
    </div>
  );
}

type ComposerProps = { sid: string; canSpeak: boolean; agents: string[]; onSent: () => void };

function Composer({ sid, canSpeak, agents, onSent }: ComposerProps) {
  const [chosen, setChosen] = useState<"whisper" | "say">("whisper");
  const [text, setText] = useState("");
  const mode = canSpeak ? chosen : "whisper";
  const send = useAct(
    (body: string) => {
      const ref = newRef();
      return mode === "whisper"
        ? api.post(`conversations/${sid}/internal`, { body, client_ref: ref, kind: "whisper" })
        : api.post(`conversations/${sid}/messages`, { body, client_ref: ref });
    },
    () => {
      setText("");
      onSent();
    },
  );
  const submit = () => text.trim() && !send.isPending && send.mutate(text.trim());
  const label = mode === "whisper" ? "Whisper to the agent" : "Write to the customer";
  return (
    <form
      className={`monitor__composer monitor__composer--${mode}`}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {canSpeak && (
        <SegmentedControl size="xs" mb={6} value={mode} onChange={(value) => setChosen(value as typeof mode)} aria-label="To whom" data={[{ value: "whisper", label: "Whisper to the agent" }, { value: "say", label: "Write to the customer" }]} />
      )}
      <Group gap="xs" wrap="nowrap" align="flex-end">
        <Textarea
          aria-label={label}
          placeholder={mode === "whisper" ? `${agents.length ? agents.join(", ") : "Whoever takes it"} will read this; the customer never` : "The customer reads this"}
          autosize
          minRows={1}
          maxRows={5}
          flex={1}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) {
              event.preventDefault();
              submit();
            }
          }}
        />
        <ActionIcon type="submit" size={36} aria-label={mode === "whisper" ? "Whisper" : "Send"} loading={send.isPending} disabled={!text.trim()}>
          <IconSend size={18} />
        </ActionIcon>
      </Group>
    </form>
  );
}
