import { ActionIcon, SegmentedControl, Select } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api } from "../../api/client";
import { useBuilder } from "../context";
import { trafficView, type TrafficAnswer } from "../core/traffic";
import { useUi, useUiStore } from "../ui";

const HOUR = 3600_000;
const PERIODS = [
  { value: "1", label: "Hour" },
  { value: "24", label: "Day" },
  { value: "168", label: "Week" },
  { value: "720", label: "Month" },
];
const REFRESH_MS = 15_000;

/** Counts on the connections for a chosen period, read again now and then while they are shown. */
export function TrafficBar() {
  const open = useUi((state) => state.trafficOpen);
  return open ? <OpenBar /> : null;
}

function OpenBar() {
  const ui = useUiStore();
  const meta = useBuilder((state) => state.meta);
  const definition = useBuilder((state) => state.history.present);
  const [hours, setHours] = useState("168");
  const [revision, setRevision] = useState<string>("all");
  const query = useQuery({
    queryKey: ["flow", meta.sid, "traffic", hours, revision],
    queryFn: () => {
      const now = Date.now();
      const asked = new URLSearchParams({ from: new Date(now - Number(hours) * HOUR).toISOString(), to: new Date(now + 60_000).toISOString() });
      if (revision !== "all") asked.set("revision", revision);
      return api.get<TrafficAnswer>(`flows/${meta.sid}/traffic?${asked.toString()}`);
    },
    refetchInterval: REFRESH_MS,
    placeholderData: (before) => before,
  });
  const answer = query.data;

  useEffect(() => {
    ui.getState().set({ traffic: answer ? trafficView(definition, answer) : null });
  }, [answer, definition, ui]);
  useEffect(() => () => ui.getState().set({ traffic: null }), [ui]);

  const revisions = [
    { value: "all", label: "All revisions" },
    ...(meta.publishedRevision === null ? [] : [{ value: String(meta.publishedRevision), label: `Live (${meta.publishedRevision})` }]),
  ];
  return (
    <section className="traffic" aria-label="Counts">
      <SegmentedControl size="xs" aria-label="Period" data={PERIODS} value={hours} onChange={setHours} />
      <Select size="xs" w={132} aria-label="Revision" data={revisions} value={revision} allowDeselect={false} onChange={(value) => setRevision(value ?? "all")} />
      <p className="traffic__sum" role="status">
        {query.isError ? "The counts cannot be read." : answer ? sumText(answer) : "Counting…"}
      </p>
      <ActionIcon size="sm" variant="subtle" color="gray" aria-label="Hide the counts" onClick={() => ui.getState().set({ trafficOpen: false })}>
        <IconX size={15} />
      </ActionIcon>
    </section>
  );
}

function sumText({ executions, active, failed, is_capped }: TrafficAnswer): string {
  if (executions === 0) return "Nobody came in this time.";
  const parts = [`${is_capped ? "The newest " : ""}${executions.toLocaleString("en")} ${executions === 1 ? "execution" : "executions"}`];
  if (active) parts.push(`${active} under way`);
  if (failed) parts.push(`${failed} failed`);
  return parts.join(", ");
}
