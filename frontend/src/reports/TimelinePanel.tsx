import { Button, Drawer, Group, Text } from "@mantine/core";
import { IconClock, IconDownload } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { durationText } from "../routing/core/text";
import { fileOf, queryOf } from "./PeriodBar";
import type { PanelProps } from "./ReportsPage";
import type { Hours, Stretch } from "./types";

const SHADES = ["petrol.6", "amber.5", "clay.5", "blue.5", "violet.5", "gray.5", "teal.4", "orange.5"];

/** How long each agent was in which activity. */
export function TimelinePanel({ period }: PanelProps) {
  const asked = queryOf(period);
  const [chosen, setChosen] = useState<{ sid: string; name: string } | null>(null);
  const query = useQuery({
    queryKey: ["reports", "timeline", asked],
    queryFn: () => api.get<Hours>("reports/timeline", { query: asked }),
    placeholderData: keepPreviousData,
  });
  if (query.isPending) return <LoadingState label="Counting the hours" />;
  if (!query.data) return <ErrorState title="The activities cannot be read" error={query.error!} onRetry={() => void query.refetch()} />;
  const { activities, agents } = query.data;
  if (agents.length === 0) {
    return (
      <EmptyState icon={<IconClock size={26} stroke={1.6} />} title="Nobody was there in this period">
        Hours are counted from the agents’ activities.
      </EmptyState>
    );
  }
  const shade = (sid: string) => `var(--mantine-color-${SHADES[activities.findIndex((each) => each.sid === sid) % SHADES.length]!.replace(".", "-")})`;
  return (
    <>
      <Group justify="space-between" mb="sm" gap="sm">
        <ul className="legend" aria-label="Activities">
          {activities.map(({ sid, name }) => (
            <li key={sid}>
              <i style={{ background: shade(sid) }} aria-hidden /> {name}
            </li>
          ))}
        </ul>
        <Button component="a" href={fileOf("timeline.csv", asked)} download size="xs" variant="default" leftSection={<IconDownload size={16} />}>
          As CSV
        </Button>
      </Group>
      <div className="card table-scroll" role="region" aria-label="Hours per activity">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col">Share</th>
              {activities.map(({ sid, name }) => (
                <th key={sid} scope="col" className="num">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {agents.map((agent) => {
              const total = Math.max(1, Object.values(agent.seconds).reduce((sum, value) => sum + value, 0));
              return (
                <tr key={agent.sid}>
                  <th scope="row">
                    <button type="button" className="link figures-name" onClick={() => setChosen(agent)}>{agent.name}</button>
                  </th>
                  <td>
                    <span className="shares" aria-hidden>
                      {activities.map(({ sid }) => (
                        <i key={sid} style={{ width: `${((agent.seconds[sid] ?? 0) / total) * 100}%`, background: shade(sid) }} />
                      ))}
                    </span>
                  </td>
                  {activities.map(({ sid }) => (
                    <td key={sid} className="num">{agent.seconds[sid] ? durationText(agent.seconds[sid]) : "–"}</td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {chosen && (
        <Drawer opened onClose={() => setChosen(null)} position="right" size="md" title={chosen.name}>
          <Stretches sid={chosen.sid} asked={asked} shade={shade} zone={period.zone} />
        </Drawer>
      )}
    </>
  );
}

function Stretches({ sid, asked, shade, zone }: { sid: string; asked: Record<string, string>; shade: (sid: string) => string; zone: string }) {
  const query = useQuery({
    queryKey: ["reports", "timeline", sid, asked],
    queryFn: async () => (await api.get<{ stretches: Stretch[] }>(`reports/timeline/${sid}`, { query: asked })).stretches,
  });
  if (query.isPending) return <LoadingState label="Reading the activities" />;
  if (query.isError) return <ErrorState title="The activities cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const written = new Intl.DateTimeFormat("en-GB", { dateStyle: "short", timeStyle: "short", timeZone: zone });
  return (
    <ol className="stretches">
      {query.data.map((stretch) => (
        <li key={stretch.from}>
          <i style={{ background: shade(stretch.activity_sid) }} aria-hidden />
          <span>{stretch.name}</span>
          <Text size="xs" c="dimmed">
            {written.format(new Date(stretch.from))} – {written.format(new Date(stretch.to))}
          </Text>
          <strong>{durationText(stretch.seconds)}</strong>
        </li>
      ))}
    </ol>
  );
}
