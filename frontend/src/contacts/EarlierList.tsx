import { Badge, Drawer, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import type { Message } from "../api/types";
import { ErrorState, LoadingState } from "../app/states";
import { ChannelIcon } from "../console/ChannelIcon";
import { channelName, momentText } from "../console/core/format";
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
        {open && <Transcript conversation={open} />}
      </Drawer>
    </>
  );
}

function Transcript({ conversation }: { conversation: Earlier }) {
  const query = useQuery({
    queryKey: ["earlier", conversation.sid],
    queryFn: () => api.get<{ messages: Message[] }>(`conversations/${conversation.sid}/messages`, { query: { limit: 200 } }),
  });
  if (query.isPending) return <LoadingState label="Reading the conversation" />;
  if (query.isError) return <ErrorState title="It cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <div className="earlier__talk">
      {conversation.wrap_ups.map((each, at) => (
        <div key={at} className="earlier__note">
          <Text size="sm" fw={600}>
            {each.disposition || "Wrap-up"}
            {each.agent && ` · ${each.agent}`}
          </Text>
          {each.notes && (
            <Text size="sm" dir="auto">
              {each.notes}
            </Text>
          )}
          {Object.entries(each.values).map(([name, value]) => (
            <Text key={name} size="xs" c="dimmed">
              {name.replaceAll("_", " ")}: {value === true ? "yes" : value === false ? "no" : value}
            </Text>
          ))}
        </div>
      ))}
      {query.data.messages.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was said.
        </Text>
      )}
      <ol className="earlier__messages" aria-label="Messages">
        {query.data.messages.map((message) => (
          <li key={message.sid} className={`earlier__message earlier__message--${message.source === "customer" ? "theirs" : "ours"}`}>
            <Text size="xs" c="dimmed">
              {message.author_name || message.author || message.source} · {momentText(message.date_created)}
            </Text>
            <p dir="auto">{message.body || message.media.map(({ filename }) => filename || "Attachment").join(", ")}</p>
          </li>
        ))}
      </ol>
    </div>
  );
}
