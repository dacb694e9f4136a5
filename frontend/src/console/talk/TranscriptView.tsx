import { Button, Loader } from "@mantine/core";
import { IconArrowDown } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { Virtuoso, type VirtuosoHandle } from "react-virtuoso";

import type { Hits } from "../../api/console-types";
import { ErrorState, LoadingState } from "../../app/states";
import type { Act } from "../../core/acts";
import { viewable, type Medium } from "../core/media";
import { keyOf, rowOfMessage, rowOfNote, rowsOf } from "../core/rows";
import type { Outgoing, Transcript } from "../core/transcript";
import { useNow } from "../useConsole";
import { MediaViewer } from "./MediaViewer";
import { ActsRow, InternalRow, MessageRow, OutgoingRow } from "./MessageRow";
import { SearchBar, type Hit } from "./SearchBar";
import { useEnd } from "./useEnd";

/** Virtual indexes count down from here when older messages are put in front. */
const START = 1_000_000;
const NEAR_END_PX = 60;
const NO_ACTS: readonly Act[] = [];

/** Where each conversation was scrolled to when the agent left it: the index of the topmost row, from the end. */
const leftAt = new Map<string, number>();

export type Searching = {
  search: (words: string) => Promise<Hits>;
  /** Read back until a message is there. */
  loadThrough: (index: number) => Promise<boolean>;
  onClose: () => void;
};

type Props = {
  conversationSid: string;
  transcript: Transcript;
  /** What happened around it, by time. */
  acts?: readonly Act[];
  offline: boolean;
  typingName: string | null;
  onLoad: () => void;
  onOlder: () => Promise<void>;
  onSeen: (index: number) => void;
  onRetry: (entry: Outgoing) => void;
  onDiscard: (clientRef: string) => void;
  /** The search is open. */
  searching?: Searching | null;
};

/** The conversation, drawn only where it is looked at. A component per conversation (`key`). */
export function TranscriptView({
  conversationSid, transcript, acts = NO_ACTS, offline, typingName, onLoad, onOlder, onSeen, onRetry, onDiscard, searching = null,
}: Props) {
  const list = useRef<VirtuosoHandle>(null);
  const now = useNow(60_000);
  const [seenThrough, setSeenThrough] = useState<number | null>(null);
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [viewed, setViewed] = useState<Medium | null>(null);
  const [found, setFound] = useState<{ hit: Hit; words: string } | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const { messages, outgoing, loaded, failure } = transcript;
  const last = messages.at(-1)?.index ?? -1;
  const goToEnd = () => list.current?.scrollToIndex({ index: "LAST", align: "end" });
  const { atEnd, onEnd, watch } = useEnd(!leftAt.has(conversationSid), goToEnd, (value) => setSeenThrough(value ? null : last));
  const rows = useMemo(() => rowsOf(transcript, acts), [transcript, acts]);
  const waitingRows = useRef(outgoing.length);

  // The list keeps its place by counting what is put in front of the first message that was here.
  if (loaded && anchor === null) setAnchor(messages[0]?.index ?? 0);
  const inFront = anchor === null ? 0 : Math.max(rowOfMessage(rows, anchor), 0);

  useEffect(() => {
    if (!loaded) onLoad();
  }, [loaded, onLoad]);

  useEffect(() => {
    // One's own message is always brought into view.
    if (outgoing.length > waitingRows.current) goToEnd();
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

  const hit = found?.hit ?? null;
  useEffect(() => {
    if (!hit) return;
    const at = "index" in hit ? rowOfMessage(rows, hit.index) : rowOfNote(rows, hit.number);
    if (at >= 0) list.current?.scrollToIndex({ index: at, align: "center" });
    // Once for each hit: rows that come later must not pull the agent back.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [hit]);

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
  const marked = searching && found ? found.words.toLowerCase() : "";

  return (
    <div className="transcript" role="log" aria-label="Conversation" aria-live="off">
      {searching && (
        <SearchBar
          onSearch={searching.search}
          onShow={async (next, words) => {
            if (await searching.loadThrough("index" in next ? next.index : Math.max(next.afterIndex, 0))) setFound({ hit: next, words });
          }}
          onClose={() => {
            setFound(null);
            searching.onClose();
          }}
        />
      )}
      <Virtuoso
        ref={list}
        className="transcript__list"
        data={rows}
        firstItemIndex={START - inFront}
        initialTopMostItemIndex={{ index: startAt, align: remembered === undefined ? "end" : "start" }}
        alignToBottom
        increaseViewportBy={400}
        atBottomThreshold={NEAR_END_PX}
        followOutput={(isAtBottom) => (isAtBottom ? "auto" : false)}
        atBottomStateChange={onEnd}
        scrollerRef={watch}
        rangeChanged={({ startIndex }) => {
          if (atEnd) leftAt.delete(conversationSid);
          else leftAt.set(conversationSid, rows.length - (startIndex - (START - inFront)));
        }}
        startReached={older}
        computeItemKey={(_, row) => keyOf(row)}
        itemContent={(_, row) => {
          if (row.kind === "outgoing") {
            const { entry } = row;
            return <OutgoingRow entry={entry} offline={offline} onRetry={() => onRetry(entry)} onDiscard={() => onDiscard(entry.clientRef)} />;
          }
          if (row.kind === "internal") {
            const isFound = hit !== null && "number" in hit && hit.number === row.note.number;
            return <InternalRow note={row.note} newDay={row.newDay} now={now} marked={marked} found={Boolean(marked) && isFound} onOpen={setViewed} />;
          }
          if (row.kind === "acts") return <ActsRow acts={row.acts} newDay={row.newDay} now={now} />;
          const isFound = hit !== null && "index" in hit && hit.index === row.message.index;
          return <MessageRow row={row} now={now} marked={marked} found={Boolean(marked) && isFound} onOpen={setViewed} />;
        }}
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
          onClick={() => list.current?.scrollToIndex({ index: "LAST", align: "end", behavior: rows.length > 500 ? "auto" : "smooth" })}
        >
          {fresh ? `${fresh} new message${fresh === 1 ? "" : "s"}` : "To the newest"}
        </Button>
      )}
      <MediaViewer media={viewed ? viewable(messages) : []} opened={viewed} onClose={() => setViewed(null)} />
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
