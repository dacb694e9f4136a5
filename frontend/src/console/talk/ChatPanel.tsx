import { ActionIcon, Text, Title } from "@mantine/core";
import { IconArrowLeft, IconLayoutSidebarRight, IconPencil, IconSearch } from "@tabler/icons-react";
import { useCallback, useEffect, useState } from "react";

import { Coaching } from "../../supervisor/Coaching";
import { requests } from "../api/requests";
import { ChannelIcon } from "../../app/ChannelIcon";
import { useCommand } from "../commands/useCommands";
import { listed, namesOf, type Colleague } from "../core/colleagues";
import { channelName, clockText, spanText } from "../core/format";
import type { Held, Model } from "../core/model";
import { customerName, readableAddress, thresholdsOf, transcriptOf, waitingSince, waitLevel } from "../core/tasks";
import { useDesk } from "../DeskContext";
import { isTyping } from "../list/TaskList";
import { useClient, useNow } from "../useConsole";
import { ActionBar } from "../work/ActionBar";
import { useActs } from "../work/api";
import { WorkBanner } from "../work/WorkBanner";
import { WrapUpPanel } from "../work/WrapUpPanel";
import { Composer } from "./composer/Composer";
import { TranscriptView } from "./TranscriptView";

type Props = { task: Held; model: Model };

/** One task: who it is, what can be done with it, and the conversation. */
export function ChatPanel({ task, model }: Props) {
  const desk = useDesk();
  const [searching, setSearching] = useState(false);
  const conversation = task.conversation;
  useCommand("search", () => setSearching(!searching), conversation !== null);
  const name = customerName(task);
  const channel = conversation?.channel_type ?? task.task.channel;
  return (
    <section className="chat" aria-label={`Task: ${name}`}>
      <header className="chat__head">
        <ActionIcon
          className="chat__back" variant="subtle" color="gray" size={38} aria-label="Back to the tasks" onClick={() => desk.select(null)}
        >
          <IconArrowLeft size={20} stroke={1.6} />
        </ActionIcon>
        <ChannelIcon channel={channel} size={38} />
        <div className="chat__who">
          <Title order={1} size="h4" className="clip" title={name} dir="auto">
            {name}
          </Title>
          <Text size="xs" c="dimmed" className="clip">
            {channelName(channel)}
            {conversation && ` · ${readableAddress(conversation.customer_address)}`} · {task.queue_name}
          </Text>
        </div>
        <WaitBadge task={task} model={model} />
        <ActionBar task={task} model={model} />
        {conversation && (
          <ActionIcon
            className="chat__search" variant={searching ? "light" : "subtle"} color={searching ? "petrol" : "gray"} size={38}
            aria-label="Search the conversation" aria-expanded={searching} onClick={() => setSearching(!searching)}
          >
            <IconSearch size={19} stroke={1.6} />
          </ActionIcon>
        )}
        <ActionIcon
          variant={desk.customerShown ? "light" : "subtle"}
          color={desk.customerShown ? "petrol" : "gray"}
          size={38}
          aria-label={desk.customerShown ? "Hide the customer" : "Show the customer"}
          aria-expanded={desk.customerShown}
          onClick={desk.toggleCustomer}
        >
          <IconLayoutSidebarRight size={20} stroke={1.6} />
        </ActionIcon>
      </header>
      {conversation && task.status === "accepted" && <Coaching key={conversation.sid} conversationSid={conversation.sid} />}
      <WorkBanner task={task} colleagues={conversation ? model.colleagues[conversation.sid] : undefined} />
      {conversation ? (
        <Talk
          key={conversation.sid} task={task} conversation={conversation} model={model} searching={searching} onSearchClose={() => setSearching(false)}
        />
      ) : (
        <div className="chat__none">
          <Text c="dimmed">This task has no conversation. What it is about stands in its attributes.</Text>
        </div>
      )}
      {task.status === "wrapping" && <WrapUpPanel key={task.sid} task={task} clockSkew={model.clockSkew} />}
    </section>
  );
}

type TalkProps = { task: Held; conversation: NonNullable<Held["conversation"]>; model: Model; searching: boolean; onSearchClose: () => void };

function Talk({ task, conversation, model, searching, onSearchClose }: TalkProps) {
  const client = useClient();
  const { offline } = useDesk();
  const now = useNow(2_000);
  const { sid } = conversation;
  const acts = useActs(sid, task.status, conversation.state);
  const talks = task.status === "accepted" && conversation.state !== "closed";
  const load = useCallback(() => void client.reading.open(sid), [client, sid]);
  const seen = useCallback((index: number) => client.markRead(sid, index), [client, sid]);
  useEffect(() => (talks ? client.presence.look(sid) : undefined), [client, sid, talks]);
  const typing = model.settings.tells_typing && isTyping(model, sid, now);
  return (
    <>
      <TranscriptView
        conversationSid={sid}
        transcript={transcriptOf(model, sid)}
        acts={acts}
        offline={offline}
        typingName={typing ? customerName(task) : null}
        onLoad={load}
        onOlder={() => client.reading.loadOlder(sid)}
        onSeen={seen}
        onRetry={(entry) => client.sending.retry(sid, entry)}
        onDiscard={(clientRef) => client.sending.discard(sid, clientRef)}
        searching={
          searching
            ? { search: (words) => requests.search(sid, words), loadThrough: (index) => client.reading.loadThrough(sid, index), onClose: onSearchClose }
            : null
        }
      />
      {talks && <WritingToo colleagues={model.colleagues[sid]} now={now} />}
      {talks && <Composer task={task} conversation={conversation} model={model} />}
      {task.status === "accepted" && conversation.state === "closed" && (
        <p className="chat__closed" role="status">
          This conversation is closed. The customer starts a new one by writing again; complete the task.
        </p>
      )}
    </>
  );
}

/** So that two of ours do not answer at once. */
function WritingToo({ colleagues, now }: { colleagues: readonly Colleague[] | undefined; now: number }) {
  const { writing } = namesOf(colleagues, now);
  return (
    <div className="chat__writing" role="status">
      {writing.length > 0 && (
        <p>
          <IconPencil size={15} stroke={1.8} aria-hidden /> {listed(writing)} {writing.length === 1 ? "is" : "are"} writing an answer
        </p>
      )}
    </div>
  );
}

function WaitBadge({ task, model }: { task: Held; model: Model }) {
  const now = useNow(1_000);
  const since = waitingSince(task, model.clockSkew);
  if (since === null) return null;
  const seconds = (now + model.clockSkew - since) / 1_000;
  const level = waitLevel(seconds, thresholdsOf(model.settings, task.conversation?.channel_type ?? task.task.channel));
  return (
    <span className={`wait wait--${level}`} title="How long the customer has been waiting for an answer">
      {seconds < 3_600 ? clockText(seconds) : spanText(seconds)}
      <span className="visually-hidden"> waiting for an answer</span>
    </span>
  );
}
