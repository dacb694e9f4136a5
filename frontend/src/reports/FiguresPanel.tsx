import "@mantine/charts/styles.css";

import { BarChart, LineChart } from "@mantine/charts";
import { Button, Group, SegmentedControl, Select, Text, Title, UnstyledButton } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconChartBar, IconDownload } from "@tabler/icons-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { channelName } from "../core/channels";
import { durationText } from "../routing/core/text";
import { columnsOf, sorted } from "./core/columns";
import { labelOf } from "./core/period";
import { fileOf, queryOf } from "./PeriodBar";
import type { PanelProps } from "./ReportsPage";
import type { By, Measures, Report, Row } from "./types";

const BYS: { value: By; label: string }[] = [
  { value: "queue", label: "Queues" },
  { value: "agent", label: "Agents" },
  { value: "flow", label: "Flows" },
  { value: "channel", label: "Channels" },
];

/** Volumes, waits, handle times, service level and ratings of a period. */
export function FiguresPanel({ period, options }: PanelProps) {
  const [by, setBy] = useState<By>("queue");
  const [queue, setQueue] = useState<string | null>(null);
  const [agent, setAgent] = useState<string | null>(null);
  const [channel, setChannel] = useState<string | null>(null);
  const asked = { ...queryOf(period), by, queue_sid: queue, worker_sid: agent, channel };
  const query = useQuery({
    queryKey: ["reports", "figures", asked],
    queryFn: () => api.get<Report>("reports/figures", { query: asked }),
    placeholderData: keepPreviousData,
  });
  const named = (rows: { sid: string; name: string }[]) => rows.map(({ sid, name }) => ({ value: sid, label: name }));
  return (
    <>
      <Group mb="lg" gap="sm" align="flex-end" className="filters">
        <Select label="Queue" w={170} clearable searchable placeholder="Every queue" data={named(options.queues)} value={queue} onChange={setQueue} />
        <Select label="Agent" w={170} clearable searchable placeholder="Every agent" data={named(options.agents)} value={agent} onChange={setAgent} />
        <Select label="Channel" w={150} clearable placeholder="Every channel" data={options.channels.map((value) => ({ value, label: channelName(value) }))} value={channel} onChange={setChannel} />
      </Group>
      {query.isPending && <LoadingState label="Counting" />}
      {query.isError && !query.data && <ErrorState title="The figures cannot be read" error={query.error} onRetry={() => void query.refetch()} />}
      {query.data && (
        <>
          <Totals measures={query.data.totals} seconds={query.data.service_level_seconds} />
          {query.data.totals.contacts === 0 && query.data.rows.length === 0 ? (
            <EmptyState icon={<IconChartBar size={26} stroke={1.6} />} title="Nothing ended in this period">
              Contacts are counted on the day on which they end. What is still open is on the wallboard.
            </EmptyState>
          ) : (
            <>
              <Charts report={query.data} />
              <Group justify="space-between" mt="xl" mb="sm" gap="sm">
                <SegmentedControl aria-label="Rows" data={BYS} value={by} onChange={(value) => setBy(value as By)} />
                <Group gap="xs">
                  <Button component="a" href={fileOf("figures.csv", asked)} download size="xs" variant="default" leftSection={<IconDownload size={16} />}>
                    Table as CSV
                  </Button>
                  <Button component="a" href={fileOf("series.csv", asked)} download size="xs" variant="default" leftSection={<IconDownload size={16} />}>
                    Course as CSV
                  </Button>
                </Group>
              </Group>
              <FiguresTable report={query.data} />
              <Text size="xs" c="dimmed" mt="sm">
                A contact counts on the day on which it ended{query.data.by === "queue" ? ", in every queue it was in" : ""}. Days begin at midnight in {query.data.time_zone}.
              </Text>
            </>
          )}
        </>
      )}
    </>
  );
}

function Totals({ measures, seconds }: { measures: Measures; seconds: number }) {
  const percent = (value: number | null) => (value === null ? "–" : `${Math.round(value)} %`);
  const tiles = [
    { label: "Contacts", value: measures.contacts.toLocaleString("en"), note: `${measures.accepted} accepted` },
    { label: `Within ${seconds} s`, value: percent(measures.service_level_percent), note: "of accepted and abandoned" },
    { label: "Abandoned", value: percent(measures.abandoned_percent), note: `${measures.abandoned} contacts` },
    { label: "Average wait", value: durationText(measures.wait_avg), note: `longest ${durationText(measures.wait_max)}` },
    { label: "Handle time", value: durationText(measures.handle_avg), note: `${durationText(measures.wrap_avg)} of it wrap-up` },
    { label: "Rating", value: measures.csat_avg === null ? "–" : measures.csat_avg.toFixed(1), note: `${measures.csat_answers} of ${measures.csat_asked} answered` },
  ];
  return (
    <section className="totals" aria-label="Totals">
      {tiles.map(({ label, value, note }) => (
        <div key={label} className="card total">
          <span className="total__label">{label}</span>
          <strong className="total__value">{value}</strong>
          <span className="total__note">{note}</span>
        </div>
      ))}
    </section>
  );
}

function Charts({ report }: { report: Report }) {
  const points = report.series.map((point) => ({
    label: labelOf(point.start, report.interval),
    Accepted: point.accepted,
    Abandoned: point.abandoned,
    "In time": point.service_level_percent,
    "Wait": point.wait_avg,
    "Handle time": point.handle_avg,
  }));
  const rest = { h: 220, data: points, dataKey: "label", withLegend: true, tickLine: "none" as const, gridAxis: "x" as const, xAxisProps: { minTickGap: 16 } };
  return (
    <div className="charts">
      <figure className="card chart" aria-label="Contacts">
        <Title order={2} size="h5">Contacts</Title>
        <BarChart {...rest} type="stacked" series={[{ name: "Accepted", color: "petrol.6" }, { name: "Abandoned", color: "clay.5" }]} />
      </figure>
      <figure className="card chart" aria-label="Served in time">
        <Title order={2} size="h5">Served within {report.service_level_seconds} s, percent</Title>
        <LineChart {...rest} connectNulls={false} yAxisProps={{ domain: [0, 100] }} series={[{ name: "In time", color: "petrol.6" }]} />
      </figure>
      <figure className="card chart chart--wide" aria-label="Times">
        <Title order={2} size="h5">Wait and handle time, seconds</Title>
        <LineChart {...rest} series={[{ name: "Wait", color: "amber.6" }, { name: "Handle time", color: "petrol.6" }]} valueFormatter={(value) => durationText(value)} />
      </figure>
    </div>
  );
}

function FiguresTable({ report }: { report: Report }) {
  const [key, setKey] = useState<keyof Row>("name");
  const [descending, setDescending] = useState(false);
  const columns = columnsOf(report.by);
  const name = (row: Row) => (report.by === "channel" ? channelName(row.name) : row.name);
  const head = (column: keyof Row, label: string) => (
    <UnstyledButton
      className="figures-head"
      onClick={() => {
        setDescending(column === key ? !descending : column !== "name");
        setKey(column);
      }}
    >
      {label}
      {column === key && (descending ? <IconArrowDown size={13} aria-hidden /> : <IconArrowUp size={13} aria-hidden />)}
    </UnstyledButton>
  );
  const sort = (column: keyof Row) => (column === key ? (descending ? "descending" : "ascending") : "none");
  if (report.rows.length === 0) return <p className="hint">Nothing to show for this choice.</p>;
  return (
    <div className="card table-scroll" role="region" aria-label="Figures">
      <table className="table">
        <thead>
          <tr>
            <th scope="col" aria-sort={sort("name")}>{head("name", { queue: "Queue", agent: "Agent", flow: "Flow", channel: "Channel" }[report.by])}</th>
            {columns.map((column) => (
              <th key={column.key} scope="col" className="num" aria-sort={sort(column.key)}>
                {head(column.key, column.label)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted(report.rows, key, descending).map((row) => (
            <tr key={row.sid ?? row.name}>
              <th scope="row">
                <span className="figures-name" title={name(row)}>{name(row)}</span>
              </th>
              {columns.map((column) => (
                <td key={column.key} className="num">
                  {column.text((row[column.key] as number | null | undefined) ?? null)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
