import { ActionIcon, Menu, Text, TextInput } from "@mantine/core";
import { IconAdjustmentsHorizontal, IconCheck, IconInbox, IconMoonStars, IconPencil, IconSearch } from "@tabler/icons-react";
import { useRef, useState } from "react";

import { EmptyState } from "../../app/states";
import { ChannelIcon } from "../../app/ChannelIcon";
import { useCommand } from "../commands/useCommands";
import { spanText, timeText } from "../core/format";
import type { Held, Model } from "../core/model";
import { drafts } from "../core/storage";
import {
  customerName, FILTERS, ORDERS, shownTasks, tasksOf, thresholdsOf, waitingSince, waitLevel, type ListView, type Only, type Order,
} from "../core/tasks";
import { useNow } from "../useConsole";

/** Fewer tasks need no tools to find one. */
const TOOLS_FROM = 4;

type Props = {
  model: Model;
  view: ListView;
  selected: string | null;
  available: boolean;
  onView: (part: Partial<ListView>) => void;
  onSelect: (sid: string) => void;
};

/** The agent's tasks. The colour at the edge tells how long the customer has been waiting for an answer. */
export function TaskList({ model, view, selected, available, onView, onSelect }: Props) {
  const now = useNow(5_000);
  const [search, setSearch] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const all = tasksOf(model);
  const tasks = shownTasks(model, view, search);
  const tools = all.length >= TOOLS_FROM || view.only !== "all" || search !== "";
  useCommand("filter", () => field.current?.focus(), tools);

  if (!all.length) {
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
    <>
      {tools && (
        <div className="tasks__tools">
          <TextInput
            ref={field}
            size="xs"
            className="tasks__search"
            aria-label="Search your tasks"
            placeholder={`Search ${all.length} tasks`}
            leftSection={<IconSearch size={14} aria-hidden />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") setSearch("");
              if (event.key === "Enter" && tasks[0]) onSelect(tasks[0].sid);
            }}
          />
          <Menu position="bottom-end" width={210}>
            <Menu.Target>
              <ActionIcon variant={view.only === "all" && view.order === "arrival" ? "subtle" : "light"} color={view.only === "all" ? "gray" : "petrol"} aria-label="Filter and order">
                <IconAdjustmentsHorizontal size={18} stroke={1.7} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Label>Show</Menu.Label>
              {(Object.keys(FILTERS) as Only[]).map((only) => (
                <Choice key={only} label={FILTERS[only]} chosen={view.only === only} onClick={() => onView({ only })} />
              ))}
              <Menu.Divider />
              <Menu.Label>Order</Menu.Label>
              {(Object.keys(ORDERS) as Order[]).map((order) => (
                <Choice key={order} label={ORDERS[order]} chosen={view.order === order} onClick={() => onView({ order })} />
              ))}
            </Menu.Dropdown>
          </Menu>
        </div>
      )}
      {tasks.length ? (
        <ul className="tasks" aria-label="Tasks">
          {tasks.map((task) => (
            <TaskRow key={task.sid} task={task} model={model} now={now} selected={task.sid === selected} onSelect={onSelect} />
          ))}
        </ul>
      ) : (
        <p className="tasks__none">
          No task is like that.{" "}
          <button
            type="button"
            onClick={() => {
              setSearch("");
              onView({ only: "all" });
            }}
          >
            Show all {all.length}
          </button>
        </p>
      )}
    </>
  );
}

function Choice({ label, chosen, onClick }: { label: string; chosen: boolean; onClick: () => void }) {
  return (
    <Menu.Item role="menuitemradio" aria-checked={chosen} rightSection={chosen ? <IconCheck size={15} aria-hidden /> : null} onClick={onClick}>
      {label}
    </Menu.Item>
  );
}

type RowProps = { task: Held; model: Model; now: number; selected: boolean; onSelect: (sid: string) => void };

function TaskRow({ task, model, now, selected, onSelect }: RowProps) {
  const { conversation } = task;
  const channel = conversation?.channel_type ?? task.task.channel;
  const since = waitingSince(task, model.clockSkew);
  const seconds = since === null ? null : (now + model.clockSkew - since) / 1_000;
  const level = waitLevel(seconds, thresholdsOf(model.settings, channel));
  const name = customerName(task);
  const unread = conversation?.unread ?? 0;
  const typing = model.settings.tells_typing && isTyping(model, conversation?.sid, now);
  const last = conversation?.last_message;
  const draft = !selected && conversation ? drafts.read(conversation.sid).trim() : "";
  const wrote = conversation?.last_customer_at;
  const state =
    task.status === "wrapping"
      ? "Wrapping up"
      : conversation?.state === "closed"
        ? "Closed"
        : seconds !== null
          ? spanText(seconds) === "now" ? "Waiting" : `Waiting ${spanText(seconds)}`
          : wrote ? `Wrote ${timeText(wrote)}` : "Answered";
  return (
    <li>
      <button
        type="button"
        className={`task task--${level} ${selected ? "task--selected" : ""}`}
        aria-current={selected}
        onClick={() => onSelect(task.sid)}
      >
        <ChannelIcon channel={channel} />
        <span className="task__body">
          <span className="task__line">
            <span className={`clip ${unread ? "task__name--unread" : ""}`} dir="auto" title={name}>
              {name}
            </span>
            <span className={`task__wait task__wait--${level}`} title={wrote ? `The customer last wrote ${new Date(wrote).toLocaleString()}` : undefined}>
              {state}
            </span>
          </span>
          <span className="task__line">
            <Text component="span" size="sm" c="dimmed" className="clip" dir="auto">
              {typing ? (
                <em>typing…</em>
              ) : draft ? (
                <>
                  <IconPencil size={13} aria-label="Draft" className="task__draft" /> {draft}
                </>
              ) : last ? (
                `${last.source === "agent" ? "You: " : ""}${last.body || "Attachment"}`
              ) : (
                "No messages yet"
              )}
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
