import { Text } from "@mantine/core";
import { IconInbox, IconMoonStars } from "@tabler/icons-react";

import { EmptyState } from "../app/states";
import { ChannelIcon } from "./ChannelIcon";
import { spanText } from "./core/format";
import type { Held, Model } from "./core/model";
import { customerName, tasksOf, transcriptOf, waitingSince, waitLevel } from "./core/tasks";
import { useNow } from "./useConsole";

type Props = { model: Model; selected: string | null; available: boolean; onSelect: (sid: string) => void };

/** The agent's tasks. The colour at the edge tells how long the customer has been waiting for an answer. */
export function TaskList({ model, selected, available, onSelect }: Props) {
  const now = useNow(5_000);
  const tasks = tasksOf(model);
  if (!tasks.length) {
    return available ? (
      <EmptyState icon={<IconInbox size={26} stroke={1.6} />} title="No tasks right now">
        You are available. The next offer appears here by itself.
      </EmptyState>
    ) : (
      <EmptyState icon={<IconMoonStars size={26} stroke={1.6} />} title="You are not taking tasks">
        Choose an available activity above to be offered tasks.
      </EmptyState>
    );
  }
  return (
    <ul className="tasks" aria-label="Tasks">
      {tasks.map((task) => (
        <TaskRow key={task.sid} task={task} model={model} now={now} selected={task.sid === selected} onSelect={onSelect} />
      ))}
    </ul>
  );
}

type RowProps = { task: Held; model: Model; now: number; selected: boolean; onSelect: (sid: string) => void };

function TaskRow({ task, model, now, selected, onSelect }: RowProps) {
  const { conversation } = task;
  const since = waitingSince(task, transcriptOf(model, conversation?.sid), model.clockSkew);
  const seconds = since === null ? null : (now + model.clockSkew - since) / 1_000;
  const level = waitLevel(seconds);
  const name = customerName(task);
  const unread = conversation?.unread ?? 0;
  const typing = isTyping(model, conversation?.sid, now);
  const last = conversation?.last_message;
  const state =
    task.status === "wrapping"
      ? "Wrapping up"
      : conversation?.state === "closed"
        ? "Closed"
        : seconds === null
          ? "Answered"
          : `Waiting ${spanText(seconds)}`;
  return (
    <li>
      <button
        type="button"
        className={`task task--${level} ${selected ? "task--selected" : ""}`}
        aria-current={selected}
        onClick={() => onSelect(task.sid)}
      >
        <ChannelIcon channel={conversation?.channel_type ?? task.task.channel} />
        <span className="task__body">
          <span className="task__line">
            <span className={`clip ${unread ? "task__name--unread" : ""}`}>{name}</span>
            <span className={`task__wait task__wait--${level}`}>{state}</span>
          </span>
          <span className="task__line">
            <Text component="span" size="sm" c="dimmed" className="clip" dir="auto">
              {typing ? <em>typing…</em> : last ? `${last.source === "agent" ? "You: " : ""}${last.body || "Attachment"}` : "No messages yet"}
            </Text>
            {unread > 0 && (
              <span className="task__unread">
                {unread > 99 ? "99+" : unread}
                <span className="visually-hidden"> unread</span>
              </span>
            )}
          </span>
        </span>
      </button>
    </li>
  );
}

const TYPING_SHOWN_MS = 6_000;

export function isTyping(model: Model, conversationSid: string | undefined, now: number): boolean {
  const at = conversationSid ? model.typing[conversationSid] : undefined;
  return at !== undefined && now - at < TYPING_SHOWN_MS;
}
