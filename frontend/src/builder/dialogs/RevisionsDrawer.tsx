import { Badge, Button, Drawer, Group, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { Revision, RevisionSummary } from "../../api/types";
import { fullTime, timeAgo } from "../../core/time";
import { ErrorState, LoadingState } from "../../app/states";
import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { diffOf, isEmpty } from "../core/diff";
import { settled } from "../core/layout";
import { asDefinition } from "../core/model";
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
  const query = useQuery({
    queryKey: ["flow", meta.sid, "revisions", meta.revision],
    queryFn: () => api.get<{ revisions: RevisionSummary[] }>(`flows/${meta.sid}/revisions`),
  });
  if (query.isPending) return <LoadingState label="Reading the history" />;
  if (query.isError) return <ErrorState title="The history cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const now = new Date();
  return (
    <ol className="revisions">
      {query.data.revisions.map((revision) => (
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
  );
}

function Detail({ number }: { number: number }) {
  const actions = useBuilderActions();
  const ui = useUiStore();
  const meta = useBuilder((state) => state.meta);
  const catalogue = useBuilder((state) => state.catalogue);
  const present = useBuilder((state) => state.history.present);
  const query = useQuery({
    queryKey: ["flow", meta.sid, "revision", number],
    queryFn: () => api.get<Revision>(`flows/${meta.sid}/revisions/${number}`),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (query.isPending) return <LoadingState label="Comparing" />;
  if (query.isError) return <Text size="sm">{query.error.message}</Text>;
  const definition = asDefinition(query.data.definition);
  if (!definition) return <Text size="sm">This revision cannot be drawn.</Text>;
  const difference = diffOf(definition, present);
  return (
    <div className="revisions__detail">
      <h3 className="eyebrow">From this revision to the canvas</h3>
      {isEmpty(difference) ? <p className="hint">The same as on the canvas, positions aside.</p> : <ChangeList difference={difference} />}
      <Group mt="sm">
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
