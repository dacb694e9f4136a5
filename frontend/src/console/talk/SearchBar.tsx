import { ActionIcon, Loader, Text, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconSearch, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import type { Hits } from "../../api/console-types";

/** One place where the words stand: a message by index, or a note by number. */
export type Hit = { index: number } | { number: number; afterIndex: number };

type Props = {
  onSearch: (words: string) => Promise<Hits>;
  onShow: (hit: Hit, words: string) => Promise<void>;
  onClose: () => void;
};

const PAUSE_MS = 250;

/** Look for words in the whole conversation; Enter goes back in time, Shift and Enter forward. */
export function SearchBar({ onSearch, onShow, onClose }: Props) {
  const [words, setWords] = useState("");
  const [hits, setHits] = useState<Hit[] | null>(null);
  const [isCut, setIsCut] = useState(false);
  const [at, setAt] = useState(0);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const current = useRef({ onSearch, onShow });
  useEffect(() => {
    current.current = { onSearch, onShow };
  });

  const show = async (all: readonly Hit[], next: number, text: string) => {
    const hit = all[next];
    if (!hit) return;
    setAt(next);
    setBusy(true);
    await current.current.onShow(hit, text).finally(() => setBusy(false));
  };

  const wanted = words.trim();
  useEffect(() => {
    if (!wanted) return;
    let stale = false;
    const timer = setTimeout(() => {
      setBusy(true);
      current.current
        .onSearch(wanted)
        .then((found) => {
          if (stale) return;
          const all = inOrder(found);
          setHits(all);
          setIsCut(found.is_cut);
          setFailure(null);
          void show(all, 0, wanted);
        })
        .catch((error: unknown) => {
          if (!stale) setFailure(error instanceof Error ? error.message : "Try again.");
        })
        .finally(() => {
          if (!stale) setBusy(false);
        });
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [wanted]);

  const step = (by: number) => {
    if (hits?.length) void show(hits, (at + by + hits.length) % hits.length, wanted);
  };
  const count = !wanted ? "" : failure ?? (hits === null ? "" : hits.length ? `${at + 1} of ${hits.length}${isCut ? "+" : ""}` : "Nothing found");

  return (
    <search className="searchbar">
      <TextInput
        size="sm"
        className="searchbar__field"
        aria-label="Search the conversation"
        placeholder="Search the conversation"
        leftSection={busy ? <Loader size={14} /> : <IconSearch size={16} stroke={1.7} aria-hidden />}
        // The agent asked for it: this is where the next key goes.
        data-autofocus
        ref={(field) => {
          if (field && document.activeElement === document.body) field.focus();
        }}
        autoFocus
        value={words}
        maxLength={200}
        onChange={(event) => {
          setWords(event.currentTarget.value);
          setHits(null);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
          if (event.key === "Escape") onClose();
        }}
      />
      <Text size="sm" role="status" className="searchbar__count">
        {count}
      </Text>
      <ActionIcon variant="subtle" color="gray" aria-label="Earlier" disabled={!hits?.length} onClick={() => step(1)}>
        <IconChevronUp size={18} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label="Later" disabled={!hits?.length} onClick={() => step(-1)}>
        <IconChevronDown size={18} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label="Close the search" onClick={onClose}>
        <IconX size={18} />
      </ActionIcon>
    </search>
  );
}

/** Messages and notes together, the newest first. */
function inOrder({ messages, internal }: Hits): Hit[] {
  const all = [
    ...messages.map(({ index }) => ({ place: index, hit: { index } as Hit })),
    ...internal.map(({ number, after_index }) => ({ place: after_index + 0.5 + number / 1e9, hit: { number, afterIndex: after_index } as Hit })),
  ];
  return all.sort((a, b) => b.place - a.place).map(({ hit }) => hit);
}
