import { Button, Group, Modal, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { ConflictDetails, Flow } from "../../api/types";
import { timeAgo } from "../../core/time";
import { useBuilder, useBuilderStore } from "../context";
import { diffOf, isEmpty } from "../core/diff";
import { asDefinition } from "../core/model";
import { saveDraft } from "../saving";
import { ChangeList } from "./ChangeList";

/** Somebody saved in between: what they changed, and the choice whose work goes on. Nothing is lost: both stay in the history. */
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
  const [busy, setBusy] = useState(false);
  const theirs = useQuery({ queryKey: ["flow", meta.sid, "conflict", details.revision], queryFn: () => api.get<Flow>(`flows/${meta.sid}`), gcTime: 0 });
  const definition = theirs.data ? asDefinition(theirs.data.definition) : null;
  const difference = definition ? diffOf(saved, definition) : null;

  async function keepMine() {
    setBusy(true);
    store.getState().rebase(details.revision);
    await saveDraft(store, "Saved over another's changes");
    setBusy(false);
  }

  return (
    <>
      <Text size="sm">
        {details.author || "Somebody"} saved revision {details.revision} {timeAgo(details.date_updated, new Date())}, after you opened this flow. Your changes are
        still here and not saved yet.
      </Text>
      <h3 className="eyebrow">What {details.author || "they"} changed</h3>
      <div className="changes-box">
        {theirs.isLoading && <p className="hint">Comparing…</p>}
        {theirs.isError && <p className="hint">Their revision could not be read: {theirs.error.message}</p>}
        {difference && (isEmpty(difference) ? <p className="hint">Positions only.</p> : <ChangeList difference={difference} />)}
      </div>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" disabled={!theirs.data} onClick={() => theirs.data && store.getState().adopt(theirs.data, "Take over another's changes")}>
          Take theirs (undo brings mine back)
        </Button>
        <Button loading={busy} onClick={() => void keepMine()}>
          Keep mine
        </Button>
      </Group>
    </>
  );
}
