import { Button, Loader } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { Virtuoso, type VirtuosoHandle } from "react-virtuoso";

import type { Message } from "../api/types";
import { ErrorState, LoadingState } from "../app/states";
import type { Outgoing, Transcript } from "./core/transcript";
import { MessageRow, OutgoingRow } from "./MessageRow";
import { useNow } from "./useConsole";

/** Virtual indexes count down from here when older messages are put in front. */
const START = 1_000_000;
const NEAR_END_PX = 60;

type Row = { message: Message; before: Message | undefined } | { entry: Outgoing };

/** Where each conversation was scrolled to when the agent left it: the index of the topmost row, from the end. */
const leftAt = new Map<string, number>();

type Props = {
  conversationSid: string;
  transcript: Transcript;
  offline: boolean;
  typingName: string | null;
  onLoad: () => void;
  onOlder: () => Promise<void>;
  onSeen: (index: number) => void;
  onRetry: (entry: Outgoing) => void;
  onDiscard: (clientRef: string) => void;
};

/** The conversation, drawn only where it is looked at. A component per conversation (`key`). */
export function TranscriptView({
  conversationSid, transcript, offline, typingName, onLoad, onOlder, onSeen, onRetry, onDiscard,
}: Props) {
  const list = useRef<VirtuosoHandle>(null);
  const now = useNow(60_000);
  const [atEnd, setAtEnd] = useState(!leftAt.has(conversationSid));
  const [seenThrough, setSeenThrough] = useState<number | null>(null);
  const [loadingOlder, setLoadingOlder] = useState(false);
  const { messages, outgoing, loaded, failure } = transcript;
  const last = messages.at(-1)?.index ?? -1;
  const rows: Row[] = [
    ...messages.map((message, at) => ({ message, before: messages[at - 1] })),
    ...outgoing.map((entry) => ({ entry })),
  ];
  const waitingRows = useRef(outgoing.length);

  useEffect(() => {
    if (!loaded) onLoad();
  }, [loaded, onLoad]);

  useEffect(() => {
    // One's own message is always brought into view.
    if (outgoing.length > waitingRows.current) list.current?.scrollToIndex({ index: "LAST", align: "end" });
    waitingRows.current = outgoing.length;
  }, [outgoing.length]);

  useEffect(() => {
    const tell = () => {
      if (loaded && atEnd && document.visibilityState === "visible" && document.hasFocus()) onSeen(last);
    };
    tell();
    window.addEventListener("focus", tell);
    document.addEventListener("visibilitychange", tell);
    return () => {
      window.removeEventListener("focus", tell);
      document.removeEventListener("visibilitychange", tell);
    };
  }, [loaded, atEnd, last, onSeen]);

  if (!loaded) {
    return failure ? (
      <ErrorState title="The messages could not be loaded" error={new Error(failure)} onRetry={onLoad} />
    ) : (
      <LoadingState label="Reading the conversation" />
    );
  }

  const older = () => {
    if (loadingOlder || !transcript.hasOlder) return;
    setLoadingOlder(true);
    void onOlder().finally(() => setLoadingOlder(false));
  };
  const fresh = atEnd || seenThrough === null ? 0 : messages.filter((message) => message.index > seenThrough && message.source !== "agent").length;
  const remembered = leftAt.get(conversationSid);
  const startAt = remembered === undefined ? rows.length - 1 : Math.max(0, rows.length - remembered);

  return (
    <div className="transcript" role="log" aria-label="Conversation" aria-live="off">
      <Virtuoso
        ref={list}
        className="transcript__list"
        data={rows}
        firstItemIndex={START - transcript.prepended}
        initialTopMostItemIndex={{ index: startAt, align: remembered === undefined ? "end" : "start" }}
        alignToBottom
        increaseViewportBy={400}
        atBottomThreshold={NEAR_END_PX}
        followOutput={(isAtBottom) => (isAtBottom ? "auto" : false)}
        atBottomStateChange={(value) => {
          setAtEnd(value);
          setSeenThrough(value ? null : last);
        }}
        rangeChanged={({ startIndex }) => {
          if (atEnd) leftAt.delete(conversationSid);
          else leftAt.set(conversationSid, rows.length - (startIndex - (START - transcript.prepended)));
        }}
        startReached={older}
        computeItemKey={(_, row) => ("entry" in row ? row.entry.clientRef : (row.message.client_ref ?? row.message.sid))}
        itemContent={(_, row) =>
          "entry" in row ? (
            <OutgoingRow
              entry={row.entry}
              offline={offline}
              onRetry={() => onRetry(row.entry)}
              onDiscard={() => onDiscard(row.entry.clientRef)}
            />
          ) : (
            <MessageRow message={row.message} before={row.before} now={now} />
          )
        }
        components={{ Header: Top, Footer: Bottom }}
        context={{ hasOlder: transcript.hasOlder, loadingOlder, older, typingName, empty: rows.length === 0 }}
      />
      {!atEnd && (
        <Button
          className="transcript__pill"
          size="xs"
          radius="xl"
          variant={fresh ? "filled" : "default"}
          leftSection={<IconArrowDown size={15} aria-hidden />}
          onClick={() => list.current?.scrollToIndex({ index: "LAST", align: "end", behavior: "smooth" })}
        >
          {fresh ? `${fresh} new message${fresh === 1 ? "" : "s"}` : "To the newest"}
        </Button>
      )}
    </div>
  );
}

type Context = { hasOlder: boolean; loadingOlder: boolean; older: () => void; typingName: string | null; empty: boolean };

function Top({ context }: { context?: Context }) {
  if (!context) return null;
  return (
    <div className="transcript__top">
      {context.loadingOlder ? (
        <Loader size="xs" type="dots" aria-label="Loading older messages" />
      ) : context.hasOlder ? (
        <Button size="compact-sm" variant="subtle" onClick={context.older}>
          Load older messages
        </Button>
      ) : context.empty ? (
        "No messages yet"
      ) : (
        "Start of the conversation"
      )}
    </div>
  );
}

function Bottom({ context }: { context?: Context }) {
  return (
    <div className="transcript__bottom" role="status">
      {context?.typingName && (
        <>
          <span className="dots" aria-hidden>
            <i />
            <i />
            <i />
          </span>
          {context.typingName} is typing…
        </>
      )}
    </div>
  );
}
