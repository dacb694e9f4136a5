import { ActionIcon, Select, Tooltip } from "@mantine/core";
import { IconArrowRight, IconArrowsExchange } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useSearchParams } from "react-router";

import { api } from "../../api/client";
import type { Flow, RevisionSummary } from "../../api/types";
import { ErrorState, LoadingState } from "../../app/states";
import { timeAgo } from "../../core/time";
import { compare } from "../core/compare";
import { settled } from "../core/layout";
import { asDefinition, type Catalogue } from "../core/model";
import { useRevision } from "../revisions";
import { Viewer, ViewerBar } from "../Viewer";
import { DifferencePanel } from "./DifferencePanel";

type Props = { flow: Flow; catalogue: Catalogue; between: string };

/** `3..7` → 3 and 7; what is no number is the newest, or the one before it. */
function numbersOf(between: string, newest: number): [number, number] {
  const [first, second] = between.split("..").map((text) => Number(text));
  const to = second && second <= newest ? second : newest;
  const from = first && first <= newest ? first : Math.max(1, to - 1);
  return [from, to];
}

/** Two revisions of a flow in one drawing, and as a list. Nothing can be changed here. */
export function Compare({ flow, catalogue, between }: Props) {
  const [from, to] = numbersOf(between, flow.revision);
  const [, setSearch] = useSearchParams();
  const revisions = useQuery({ queryKey: ["flow", flow.sid, "revisions", flow.revision], queryFn: () => api.get<{ revisions: RevisionSummary[] }>(`flows/${flow.sid}/revisions`) });
  const before = useRevision(flow.sid, from);
  const after = useRevision(flow.sid, to);
  const comparison = useMemo(() => {
    const [old, fresh] = [asDefinition(before.data?.definition), asDefinition(after.data?.definition)];
    return old && fresh ? compare(settled(old, catalogue), settled(fresh, catalogue), catalogue) : null;
  }, [before.data, after.data, catalogue]);

  const choices = (revisions.data?.revisions ?? []).map((revision) => ({
    value: String(revision.revision),
    label: `${revision.revision} · ${revision.commit_message || (revision.status === "published" ? "Published" : "Draft")} · ${revision.author || "Unknown"}, ${timeAgo(revision.date_created, new Date())}`,
  }));
  const choose = (first: number, second: number) => setSearch({ compare: `${first}..${second}` }, { replace: true });
  const error = before.error ?? after.error;
  return (
    <div className="builder">
      <ViewerBar back={`/flows/${flow.sid}`} label="Back to the flow" title={flow.friendly_name} meta="Compare two revisions">
        <div className="compare__choice">
          <Select size="xs" aria-label="Earlier revision" data={choices} value={String(from)} allowDeselect={false} searchable onChange={(value) => value && choose(Number(value), to)} />
          <IconArrowRight size={16} aria-hidden />
          <Select size="xs" aria-label="Later revision" data={choices} value={String(to)} allowDeselect={false} searchable onChange={(value) => value && choose(from, Number(value))} />
          <Tooltip label="Swap the two">
            <ActionIcon variant="subtle" color="gray" size={34} aria-label="Swap the two" onClick={() => choose(to, from)}>
              <IconArrowsExchange size={17} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        </div>
      </ViewerBar>
      {error ? (
        <ErrorState tall title="A revision cannot be read" error={error} onRetry={() => void Promise.all([before.refetch(), after.refetch()])} />
      ) : before.isPending || after.isPending ? (
        <LoadingState tall label="Comparing" />
      ) : comparison ? (
        <Viewer key={`${from} ${to}`} flow={flow} catalogue={catalogue} drawn={comparison.drawn} trace={comparison.trace}>
          <DifferencePanel comparison={comparison} />
        </Viewer>
      ) : (
        <ErrorState tall title="These revisions cannot be drawn" error={new Error("One of them has no list of widgets.")} />
      )}
    </div>
  );
}
