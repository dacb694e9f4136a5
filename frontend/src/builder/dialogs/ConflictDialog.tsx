import { Button, Group, Modal, Radio, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { ConflictDetails, Flow, Json } from "../../api/types";
import { timeAgo } from "../../core/time";
import { useBuilder, useBuilderStore } from "../context";
import { diffOf, isEmpty } from "../core/diff";
import { merge, type Conflict, type Side } from "../core/merge";
import { asDefinition } from "../core/model";
import { saveDraft } from "../saving";
import { ChangeList } from "./ChangeList";

/**
 * Somebody saved in between and changed the same things. Everything else is put together by itself; of each of these
 * somebody chooses whose goes on. Nothing is lost: both stay in the history.
 */
export function ConflictDialog() {
  const save = useBuilder((state) => state.save);
  return (
    <Modal opened={save.kind === "conflict"} onClose={() => undefined} withCloseButton={false} closeOnClickOutside={false} closeOnEscape={false} title="Somebody else saved this flow" size="lg">
      {save.kind === "conflict" && <Body details={save.details} />}
    </Modal>
  );
}

function Body({ details }: { details: ConflictDetails }) {
  const store = useBuilderStore();
  const meta = useBuilder((state) => state.meta);
  const saved = useBuilder((state) => state.saved.definition);
  const mine = useBuilder((state) => state.history.present);
  const [choices, setChoices] = useState<Record<string, Side>>({});
  const [busy, setBusy] = useState(false);
  const theirs = useQuery({ queryKey: ["flow", meta.sid, "conflict", details.revision], queryFn: () => api.get<Flow>(`flows/${meta.sid}`), gcTime: 0 });
  const definition = theirs.data ? asDefinition(theirs.data.definition) : null;
  const difference = definition ? diffOf(saved, definition) : null;
  const { conflicts } = definition ? merge(saved, mine, definition) : { conflicts: [] };
  const author = details.author || "Somebody";

  async function combine() {
    if (!theirs.data || !definition) return;
    setBusy(true);
    const merged = merge(saved, mine, definition, choices).definition;
    store.getState().combine(theirs.data, merged, `Combine with ${author}'s changes`);
    await saveDraft(store, `Combined with revision ${theirs.data.revision} of ${author}`);
    setBusy(false);
  }

  const chooseAll = (side: Side) => setChoices(Object.fromEntries(conflicts.map(({ id }) => [id, side])));
  return (
    <>
      <Text size="sm">
        {author} saved revision {details.revision} {timeAgo(details.date_updated, new Date())}, after you opened this flow. Your changes are still here and not
        saved yet.
      </Text>
      {theirs.isLoading && <p className="hint">Comparing…</p>}
      {theirs.isError && <p className="hint">Their revision could not be read: {theirs.error.message}</p>}
      {conflicts.length > 0 && (
        <>
          <Group justify="space-between" align="baseline">
            <h3 className="eyebrow">You both changed</h3>
            <Group gap={6}>
              <Button size="compact-xs" variant="subtle" onClick={() => chooseAll("mine")}>
                All mine
              </Button>
              <Button size="compact-xs" variant="subtle" onClick={() => chooseAll("theirs")}>
                All theirs
              </Button>
            </Group>
          </Group>
          <ul className="conflicts">
            {conflicts.map((conflict) => (
              <Choice key={conflict.id} conflict={conflict} author={author} side={choices[conflict.id] ?? "mine"} onChoose={(side) => setChoices((before) => ({ ...before, [conflict.id]: side }))} />
            ))}
          </ul>
        </>
      )}
      <h3 className="eyebrow">What {details.author || "they"} changed</h3>
      <div className="changes-box">
        {difference && (isEmpty(difference) ? <p className="hint">Positions or notes only.</p> : <ChangeList difference={difference} />)}
      </div>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" disabled={!theirs.data} onClick={() => theirs.data && store.getState().adopt(theirs.data, `Take over ${author}'s changes`)}>
          Drop mine (undo brings them back)
        </Button>
        <Button loading={busy} disabled={!definition} onClick={() => void combine()}>
          Combine and save
        </Button>
      </Group>
    </>
  );
}

function shown(value: Json | undefined): string {
  if (value === undefined) return "removed";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text || "empty";
}

function Choice({ conflict: { key, path, mine, theirs }, author, side, onChoose }: { conflict: Conflict; author: string; side: Side; onChoose: (side: Side) => void }) {
  const title = [key || "Flow", path].filter(Boolean).join(": ");
  return (
    <li>
      <Radio.Group label={title} value={side} onChange={(value) => onChoose(value as Side)}>
        <div className="conflicts__sides">
          <Radio value="mine" label={<Value title="Mine" text={shown(mine)} />} />
          <Radio value="theirs" label={<Value title={author} text={shown(theirs)} />} />
        </div>
      </Radio.Group>
    </li>
  );
}

function Value({ title, text }: { title: string; text: string }) {
  return (
    <>
      <strong>{title}</strong>
      <span className="conflicts__value">{text}</span>
    </>
  );
}
