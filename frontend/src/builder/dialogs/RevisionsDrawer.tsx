import { Badge, Button, Drawer, Group, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api } from "../../api/client";
import type { RevisionSummary } from "../../api/types";
import { fullTime, timeAgo } from "../../core/time";
import { ErrorState, LoadingState } from "../../app/states";
import { useBuilderActions } from "../actions-context";
import { useBuilder, useBuilderStore } from "../context";
import { diffOf, isEmpty } from "../core/diff";
import { settled } from "../core/layout";
import { asDefinition } from "../core/model";
import { useRevision } from "../revisions";
import { saveDraft } from "../saving";
import { useUi, useUiStore } from "../ui";
import { ChangeList } from "./ChangeList";

/** The history of the flow: who saved and published what; any revision can be compared and brought back. */
export function RevisionsDrawer() {
  const open = useUi((state) => state.dialog === "revisions");
  const ui = useUiStore();
  return (
    <Drawer opened={open} onClose={() => ui.getState().set({ dialog: null })} position="right" size={460} title="History">
      {open && <List />}
    </Drawer>
  );
}

function List() {
  const meta = useBuilder((state) => state.meta);
  const [chosen, setChosen] = useState<number | null>(null);
  const [all, setAll] = useState(false);
  const query = useQuery({
    queryKey: ["flow", meta.sid, "revisions", meta.revision],
    queryFn: () => api.get<{ revisions: RevisionSummary[] }>(`flows/${meta.sid}/revisions`),
  });
  if (query.isPending) return <LoadingState label="Reading the history" />;
  if (query.isError) return <ErrorState title="The history cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const now = new Date();
  const shown = all ? query.data.revisions : withoutSteps(query.data.revisions);
  const hidden = query.data.revisions.length - shown.length;
  return (
    <>
    {(hidden > 0 || all) && (
      <Button size="compact-xs" variant="subtle" mb="xs" onClick={() => setAll(!all)}>
        {all ? "Leave intermediate saves out" : `Show ${hidden} intermediate ${hidden === 1 ? "save" : "saves"}`}
      </Button>
    )}
    <ol className="revisions">
      {shown.map((revision) => (
        <li key={revision.revision} className={chosen === revision.revision ? "revisions__open" : ""}>
          <UnstyledButton
            className="revisions__row"
            aria-expanded={chosen === revision.revision}
            onClick={() => setChosen(chosen === revision.revision ? null : revision.revision)}
          >
            <span className="revisions__number">{revision.revision}</span>
            <span className="revisions__text">
              <Text size="sm" fw={550} lineClamp={2}>
                {revision.commit_message || (revision.status === "published" ? "Published" : "Draft saved")}
              </Text>
              <Text size="xs" c="dimmed" title={fullTime(revision.date_created)}>
                {revision.author || "Unknown"} · {timeAgo(revision.date_created, now)}
              </Text>
            </span>
            {revision.status === "published" && (
              <Badge size="sm" variant="light">
                {revision.revision === meta.publishedRevision ? "Live" : "Published"}
              </Badge>
            )}
          </UnstyledButton>
          {chosen === revision.revision && <Detail number={revision.revision} />}
        </li>
      ))}
    </ol>
    </>
  );
}

/** Without the saves that made themselves on the way to another of the same author: nobody looks for those. */
function withoutSteps(revisions: readonly RevisionSummary[]): RevisionSummary[] {
  return revisions.filter((revision, index) => {
    const newer = revisions[index - 1];
    const isStep = revision.status === "draft" && !revision.commit_message && index < revisions.length - 1;
    return !isStep || !newer || newer.author !== revision.author || newer.status === "published";
  });
}

function Detail({ number }: { number: number }) {
  const store = useBuilderStore();
  const navigate = useNavigate();
  const actions = useBuilderActions();
  const ui = useUiStore();
  const meta = useBuilder((state) => state.meta);
  const catalogue = useBuilder((state) => state.catalogue);
  const present = useBuilder((state) => state.history.present);
  const query = useRevision(meta.sid, number);
  // The comparison reads what the server has: what is on the canvas goes there first.
  const compareWith = async (from: number, to?: number) => {
    await saveDraft(store);
    void navigate(`/flows/${meta.sid}?compare=${from}..${to ?? store.getState().meta.revision}`);
  };
  if (query.isPending) return <LoadingState label="Comparing" />;
  if (query.isError) return <Text size="sm">{query.error.message}</Text>;
  const definition = asDefinition(query.data.definition);
  if (!definition) return <Text size="sm">This revision cannot be drawn.</Text>;
  const difference = diffOf(definition, present);
  return (
    <div className="revisions__detail">
      <h3 className="eyebrow">From this revision to the canvas</h3>
      {isEmpty(difference) ? <p className="hint">The same as on the canvas, positions aside.</p> : <ChangeList difference={difference} />}
      <Group mt="sm" gap={8}>
        {!isEmpty(difference) && (
          <Button size="xs" variant="default" onClick={() => void compareWith(number)}>
            Show on the canvas
          </Button>
        )}
        {number > 1 && (
          <Button size="xs" variant="default" onClick={() => void compareWith(number - 1, number)}>
            What it changed
          </Button>
        )}
        <Button
          size="xs"
          variant="light"
          disabled={isEmpty(difference)}
          onClick={() => {
            actions.edit(() => settled(definition, catalogue), `Restore revision ${number}`);
            actions.say(`Revision ${number} is on the canvas`);
            ui.getState().set({ dialog: null });
          }}
        >
          Restore to the canvas
        </Button>
      </Group>
    </div>
  );
}
