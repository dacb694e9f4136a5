import { Badge, Button, Collapse, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useState } from "react";

import { ChannelIcon } from "../../app/ChannelIcon";
import { momentText, spanText } from "../core/format";
import { readableAddress, readableName } from "../core/tasks";
import { useClient, useNow } from "../useConsole";
import { useParked, useRereadWork, work, type Parked } from "./api";
import { tellFailure } from "./telling";

const TO = { agent: "comes back to you", queue: "goes to its queue", workflow: "is routed anew" } as const;

/** Under the tasks: what the agent has parked, each to be woken or closed. */
export function ParkedList() {
  const { data } = useParked();
  const [open, setOpen] = useState(false);
  const parked = data?.parked ?? [];
  if (!parked.length) return null;
  return (
    <section className="parked" aria-label="Parked conversations">
      <UnstyledButton className="parked__head" aria-expanded={open} onClick={() => setOpen(!open)}>
        <IconPlayerPause size={15} stroke={1.8} aria-hidden />
        <span>Parked</span>
        <Badge size="sm" variant="light" color="gray">
          {parked.length}
        </Badge>
        <IconChevronDown size={15} className={open ? "parked__arrow parked__arrow--open" : "parked__arrow"} aria-hidden />
      </UnstyledButton>
      <Collapse expanded={open}>
        <ul className="parked__list">
          {parked.map((item) => (
            <Item key={item.sid} item={item} />
          ))}
        </ul>
      </Collapse>
    </section>
  );
}

function Item({ item }: { item: Parked }) {
  const client = useClient();
  const reread = useRereadWork();
  const now = useNow(30_000);
  const [busy, setBusy] = useState(false);
  const { conversation } = item;
  const name = readableName(conversation.customer_name) || readableName(conversation.customer_address) || "Unknown customer";

  const run = (what: Promise<unknown>, failure: string) => {
    setBusy(true);
    what
      .catch((error: unknown) => tellFailure(failure, error))
      .finally(() => {
        setBusy(false);
        void Promise.all([reread(), client.refresh()]);
      });
  };
  return (
    <li className="parked__item">
      <ChannelIcon channel={conversation.channel_type} />
      <div className="parked__body">
        <Text size="sm" fw={600} className="clip" title={readableAddress(conversation.customer_address)} dir="auto">
          {name}
        </Text>
        <Text size="xs" c="dimmed" className="clip" dir="auto" title={item.note}>
          {item.note || conversation.last_message || "No message yet"}
        </Text>
        <Text size="xs" c="dimmed">
          {spanText((now - Date.parse(item.date_parked)) / 1_000)} · {TO[item.wake_to]}
          {item.wake_at && ` · ${momentText(item.wake_at)} at the latest`}
        </Text>
      </div>
      <div className="parked__acts">
        <Tooltip label="Take it back now">
          <Button size="compact-sm" variant="default" disabled={busy} aria-label={`Wake ${name}`} onClick={() => run(work.wake(item.sid), "It stays parked")}>
            <IconPlayerPlay size={14} aria-hidden />
          </Button>
        </Tooltip>
        <Tooltip label="Close it for good">
          <Button size="compact-sm" variant="default" disabled={busy} aria-label={`Close ${name}`} onClick={() => run(work.closeParked(item.sid), "It was not closed")}>
            <IconX size={14} aria-hidden />
          </Button>
        </Tooltip>
      </div>
    </li>
  );
}
