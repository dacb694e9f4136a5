import "./earlier.css";

import { Badge, Drawer, Text, UnstyledButton } from "@mantine/core";
import { useState } from "react";

import { ChannelIcon } from "../app/ChannelIcon";
import { channelName, momentText } from "../console/core/format";
import { Talk } from "../history/Talk";
import type { Earlier } from "./api";

/** Earlier conversations, newest first; each opens with what was said and noted. */
export function EarlierList({ conversations }: { conversations: readonly Earlier[] }) {
  const [open, setOpen] = useState<Earlier | null>(null);
  if (!conversations.length) {
    return (
      <Text size="sm" c="dimmed">
        None before this one.
      </Text>
    );
  }
  return (
    <>
      <ul className="earlier">
        {conversations.map((each) => (
          <li key={each.sid}>
            <UnstyledButton className="earlier__item" onClick={() => setOpen(each)}>
              <ChannelIcon channel={each.channel_type} size={26} />
              <span className="earlier__body">
                <span className="earlier__when">{momentText(each.date_created)}</span>
                <span className="clip earlier__what" dir="auto">
                  {each.wrap_ups.map(({ disposition }) => disposition).filter(Boolean).join(", ") || each.last_message || `${each.messages} messages`}
                </span>
              </span>
              {each.state !== "closed" && (
                <Badge size="sm" variant="light">
                  Open
                </Badge>
              )}
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <Drawer opened={open !== null} onClose={() => setOpen(null)} position="right" size="md" title={open ? `${channelName(open.channel_type)}, ${momentText(open.date_created)}` : ""}>
        {open && <Talk conversation={open} />}
      </Drawer>
    </>
  );
}
