import { ActionIcon, Button, Modal, Text, Textarea, Title, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconCheck, IconFlag, IconLayoutSidebarRight } from "@tabler/icons-react";
import { useCallback, useState } from "react";

import type { Answer } from "./api/requests";
import { ChannelIcon } from "./ChannelIcon";
import { Composer } from "./Composer";
import { channelName, clockText, spanText } from "./core/format";
import type { Held, Model } from "./core/model";
import { drafts } from "./core/storage";
import { customerName, readableAddress, transcriptOf, waitingSince, waitLevel } from "./core/tasks";
import { isTyping } from "./TaskList";
import { TranscriptView } from "./TranscriptView";
import { useClient, useNow } from "./useConsole";

type Props = {
  task: Held;
  model: Model;
  offline: boolean;
  onMove: (task: Held, status: Answer, outcome?: string) => Promise<void>;
  onBack: () => void;
  onCustomer: () => void;
  customerShown: boolean;
};

/** One task: who it is, the conversation, and what can be done with it. */
export function ChatPanel({ task, model, offline, onMove, onBack, onCustomer, customerShown }: Props) {
  const [moving, setMoving] = useState<Answer | null>(null);
  const [doubt, setDoubt] = useState<string | null>(null);
  const conversation = task.conversation;
  const transcript = transcriptOf(model, conversation?.sid);
  const name = customerName(task);
  const channel = conversation?.channel_type ?? task.task.channel;

  const move = (status: Answer, outcome?: string) => {
    setDoubt(null);
    setMoving(status);
    void onMove(task, status, outcome).finally(() => setMoving(null));
  };
  const complete = () => {
    const reason = conversation ? reasonToWait(conversation.sid, transcript) : null;
    if (reason) setDoubt(reason);
    else move("completed");
  };

  return (
    <section className="chat" aria-label={`Task: ${name}`}>
      <header className="chat__head">
        <ActionIcon className="chat__back" variant="subtle" color="gray" size={38} aria-label="Back to the tasks" onClick={onBack}>
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
        {task.status === "accepted" && (
          <div className="chat__actions">
            <Tooltip label="The talk is over, there is still something to note. You get no new offer for this place yet.">
              <Button
                id="wrap-up"
                variant="default"
                leftSection={<IconFlag size={16} stroke={1.7} aria-hidden />}
                loading={moving === "wrapping"}
                disabled={moving !== null}
                onClick={() => move("wrapping")}
              >
                Wrap up
              </Button>
            </Tooltip>
            <Tooltip label="Everything is done: the conversation is closed, and the task leaves your list.">
              <Button
                id="complete"
                leftSection={<IconCheck size={16} stroke={2} aria-hidden />}
                loading={moving === "completed"}
                disabled={moving !== null}
                onClick={complete}
              >
                Complete
              </Button>
            </Tooltip>
          </div>
        )}
        <ActionIcon
          variant={customerShown ? "light" : "subtle"}
          color={customerShown ? "petrol" : "gray"}
          size={38}
          aria-label={customerShown ? "Hide the customer" : "Show the customer"}
          aria-expanded={customerShown}
          onClick={onCustomer}
        >
          <IconLayoutSidebarRight size={20} stroke={1.6} />
        </ActionIcon>
      </header>
      {conversation ? (
        <Talk key={conversation.sid} task={task} conversation={conversation} model={model} offline={offline} />
      ) : (
        <div className="chat__none">
          <Text c="dimmed">This task has no conversation. What it is about stands in its attributes.</Text>
        </div>
      )}
      {task.status === "wrapping" && <WrapUp key={task.sid} task={task} clockSkew={model.clockSkew} busy={moving === "completed"} onComplete={(outcome) => move("completed", outcome)} />}
      <Modal opened={doubt !== null} onClose={() => setDoubt(null)} title="Complete this task?" closeButtonProps={{ "aria-label": "Close" }}>
        <Text size="sm">{doubt}</Text>
        <div className="buttons">
          <Button variant="default" onClick={() => setDoubt(null)} data-autofocus>
            Go on chatting
          </Button>
          <Button color="clay" onClick={() => move("completed")}>
            Complete anyway
          </Button>
        </div>
      </Modal>
    </section>
  );
}

/** What would be lost by closing the conversation now, in a sentence; null: nothing. */
function reasonToWait(conversationSid: string, transcript: ReturnType<typeof transcriptOf>): string | null {
  if (transcript.outgoing.length) return "A message of yours has not been sent yet. The customer will not get it.";
  if (drafts.read(conversationSid).trim()) return "You have begun a message. The customer will not get it.";
  if (transcript.loaded && !transcript.hasOlder && !transcript.messages.some((message) => message.source === "agent")) {
    return "The customer has not had an answer from a person yet.";
  }
  return null;
}

type TalkProps = { task: Held; conversation: NonNullable<Held["conversation"]>; model: Model; offline: boolean };

function Talk({ task, conversation, model, offline }: TalkProps) {
  const client = useClient();
  const now = useNow(2_000);
  const { sid } = conversation;
  const transcript = transcriptOf(model, sid);
  const load = useCallback(() => void client.open(sid), [client, sid]);
  const seen = useCallback((index: number) => client.markRead(sid, index), [client, sid]);
  return (
    <>
      <TranscriptView
        conversationSid={sid}
        transcript={transcript}
        offline={offline}
        typingName={isTyping(model, sid, now) ? customerName(task) : null}
        onLoad={load}
        onOlder={() => client.loadOlder(sid)}
        onSeen={seen}
        onRetry={(entry) => client.retry(sid, entry)}
        onDiscard={(clientRef) => client.discard(sid, clientRef)}
      />
      {task.status === "accepted" && conversation.state !== "closed" && (
        <Composer
          conversationSid={sid}
          channel={conversation.channel_type}
          offline={offline}
          onSend={(body) => client.send(sid, body)}
          onTyping={() => client.notifyTyping(sid)}
        />
      )}
      {task.status === "accepted" && conversation.state === "closed" && (
        <p className="chat__closed" role="status">
          This conversation is closed. The customer starts a new one by writing again; complete the task.
        </p>
      )}
    </>
  );
}

function WaitBadge({ task, model }: { task: Held; model: Model }) {
  const now = useNow(1_000);
  const since = waitingSince(task, transcriptOf(model, task.conversation?.sid), model.clockSkew);
  if (since === null) return null;
  const seconds = (now + model.clockSkew - since) / 1_000;
  return (
    <span className={`wait wait--${waitLevel(seconds)}`} title="How long the customer has been waiting for an answer">
      {seconds < 3_600 ? clockText(seconds) : spanText(seconds)}
      <span className="visually-hidden"> waiting for an answer</span>
    </span>
  );
}

type WrapUpProps = { task: Held; clockSkew: number; busy: boolean; onComplete: (outcome: string) => void };

/** The talk is over; the agent notes what came of it. */
function WrapUp({ task, clockSkew, busy, onComplete }: WrapUpProps) {
  const now = useNow(1_000);
  const [outcome, setOutcome] = useState(() => drafts.read(`outcome.${task.sid}`));
  return (
    <form
      className="wrapup"
      aria-label="Wrap-up"
      onSubmit={(event) => {
        event.preventDefault();
        drafts.write(`outcome.${task.sid}`, "");
        onComplete(outcome.trim());
      }}
    >
      <div className="wrapup__head">
        <Text fw={650}>Wrapping up</Text>
        <Text size="sm" c="dimmed">
          {clockText((now + clockSkew - Date.parse(task.date_updated)) / 1_000)}
        </Text>
      </div>
      <Textarea
        label="Outcome"
        description="What came of it. Kept with the task."
        autosize
        minRows={1}
        maxRows={5}
        maxLength={1_000}
        value={outcome}
        onChange={(event) => {
          setOutcome(event.currentTarget.value);
          drafts.write(`outcome.${task.sid}`, event.currentTarget.value);
        }}
      />
      <Button id="complete" type="submit" loading={busy} leftSection={<IconCheck size={16} stroke={2} aria-hidden />}>
        Complete
      </Button>
    </form>
  );
}
