import "./talk.css";

import { Button, Text } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Fragment, useEffect, useState } from "react";

import { api } from "../api/client";
import type { Message } from "../api/types";
import { ActLines } from "../app/ActLines";
import { Marked } from "../app/Marked";
import { ErrorState, LoadingState } from "../app/states";
import { momentText } from "../console/core/format";
import { viewable, type Medium } from "../console/core/media";
import { readableName } from "../console/core/tasks";
import { BesideWords } from "../console/talk/BesideWords";
import { Media } from "../console/talk/Media";
import { MediaViewer } from "../console/talk/MediaViewer";
import type { Earlier } from "../contacts/api";
import { actsInTurn, type Act } from "../core/acts";

const PAGE = 200;
const NO_ACTS: readonly Act[] = [];

function bringIntoView(element: HTMLElement | null): void {
  element?.scrollIntoView?.({ block: "center" });
}

type Props = {
  conversation: Pick<Earlier, "sid" | "wrap_ups">;
  /** Marked where they stand. */
  words?: string;
  /** A message to begin at. */
  index?: number;
};

/** A conversation as it can be read again: what was noted, said, and what happened. */
export function Talk({ conversation, words = "", index }: Props) {
  const { sid } = conversation;
  const [viewed, setViewed] = useState<Medium | null>(null);
  const query = useInfiniteQuery({
    queryKey: ["earlier", sid],
    queryFn: ({ pageParam }) => api.get<{ messages: Message[] }>(`conversations/${sid}/messages`, { query: { limit: PAGE, before: pageParam } }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ messages }) => (messages[0] && messages[0].index > 0 ? messages[0].index : undefined),
  });
  // They help to read it; without them it can still be read.
  const happened = useQuery({ queryKey: ["earlier", sid, "acts"], queryFn: () => api.get<{ acts: Act[] }>(`conversations/${sid}/acts`), retry: 1 });
  const messages = [...(query.data?.pages ?? [])].reverse().flatMap((page) => page.messages);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const goesOnLooking = index !== undefined && hasNextPage && !isFetchingNextPage && (messages[0]?.index ?? 0) > index;
  useEffect(() => {
    if (goesOnLooking) void fetchNextPage();
  }, [goesOnLooking, fetchNextPage]);
  if (query.isPending) return <LoadingState label="Reading the conversation" />;
  if (query.isError && !query.data) return <ErrorState title="It cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const actsUntil = actsInTurn(happened.data?.acts ?? NO_ACTS, hasNextPage ? (messages[0]?.date_created ?? null) : null);
  const rows = messages.map((message) => ({ message, before: actsUntil(message) }));
  const after = actsUntil(null);
  return (
    <div className="talk">
      {conversation.wrap_ups.map((each, at) => (
        <div key={at} className="talk__note">
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
      {messages.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing was said.
        </Text>
      )}
      {hasNextPage && (
        <Button className="talk__older" size="compact-sm" variant="subtle" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          Load older messages
        </Button>
      )}
      <ol className="talk__messages" aria-label="Messages">
        {rows.map(({ message, before }) => (
          <Fragment key={message.sid}>
            {before.length > 0 && (
              <li>
                <ActLines acts={before} />
              </li>
            )}
            <li
              ref={message.index === index ? bringIntoView : undefined}
              className={`talk__message talk__message--${message.source === "customer" ? "theirs" : "ours"}`}
            >
              <Text size="xs" c="dimmed">
                {readableName(message.author_name || message.author) || message.source} · {momentText(message.date_created)}
              </Text>
              {message.body && (
                <p className="talk__text" dir="auto">
                  <Marked text={message.body} words={words} />
                </p>
              )}
              <Media media={message.media} onOpen={setViewed} />
              <BesideWords message={message} />
            </li>
          </Fragment>
        ))}
      </ol>
      {after.length > 0 && <ActLines acts={after} />}
      <MediaViewer media={viewed ? viewable(messages) : []} opened={viewed} onClose={() => setViewed(null)} />
    </div>
  );
}
