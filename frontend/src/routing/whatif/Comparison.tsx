import { Alert, Text, Title } from "@mantine/core";

import { fullTime } from "../../core/time";
import { durationText } from "../core/text";
import type { WhatIf, WhatIfOutcome } from "../types";

type Measure = { label: string; of: (outcome: WhatIfOutcome) => number | null; text: (value: number | null) => string; /** Which way is better; null: neither. */ better: "less" | "more" | null };

const number = (value: number | null) => (value === null ? "–" : String(value));
const percent = (value: number | null) => (value === null ? "–" : `${Math.round(value)} %`);

const MEASURES: Measure[] = [
  { label: "Tasks", of: (outcome) => outcome.tasks, text: number, better: null },
  { label: "Accepted", of: (outcome) => outcome.accepted, text: number, better: "more" },
  { label: "Canceled", of: (outcome) => outcome.canceled, text: number, better: "less" },
  { label: "Still waiting at the end", of: (outcome) => outcome.unserved, text: number, better: "less" },
  { label: "Average wait", of: (outcome) => outcome.wait.avg, text: durationText, better: "less" },
  { label: "Median wait", of: (outcome) => outcome.wait.p50, text: durationText, better: "less" },
  { label: "Nine of ten waited at most", of: (outcome) => outcome.wait.p90, text: durationText, better: "less" },
  { label: "Longest wait", of: (outcome) => outcome.wait.max, text: durationText, better: "less" },
  { label: "Served in time", of: (outcome) => outcome.service_level.percent, text: percent, better: "more" },
];

/** Better, worse or the same, of the changed rules against the present ones. */
export function judge(measure: Pick<Measure, "better">, present: number | null, changed: number | null): "better" | "worse" | "same" | "" {
  if (measure.better === null || present === null || changed === null) return "";
  if (present === changed) return "same";
  return (changed < present) === (measure.better === "less") ? "better" : "worse";
}

/** What happened, what the present rules do with it, and what the changed ones do. */
export function Comparison({ result }: { result: WhatIf }) {
  const { recorded, present, changed } = result;
  return (
    <section aria-labelledby="comparison">
      <Title order={2} size="h4" id="comparison">
        Compared
      </Title>
      <Text size="sm" c="dimmed" mb="md">
        {fullTime(result.start)} to {fullTime(result.end)}
      </Text>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroller without controls is reached by Tab itself */}
      <div className="card table-scroll" role="region" aria-label="Figures" tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              <th scope="col" className="num">
                What happened
              </th>
              <th scope="col" className="num">
                Present rules
              </th>
              <th scope="col" className="num">
                Changed rules
              </th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {MEASURES.map((measure) => {
              const verdict = judge(measure, measure.of(present), measure.of(changed));
              return (
                <tr key={measure.label}>
                  <th scope="row">{measure.label === "Served in time" ? `Served within ${changed.service_level.seconds} s` : measure.label}</th>
                  <td className="num">{measure.text(measure.of(recorded))}</td>
                  <td className="num">{measure.text(measure.of(present))}</td>
                  <td className="num">
                    <strong>{measure.text(measure.of(changed))}</strong>
                  </td>
                  <td className={`verdict verdict--${verdict}`}>{verdict}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <Bars title="Tasks per agent" empty="No agent took a task in this period." rows={(outcome) => outcome.by_worker} value={(row) => row.tasks} note={(row) => `${row.tasks}${row.busy_percent === null ? "" : `, ${Math.round(row.busy_percent)} % busy`}`} result={result} />
      <Bars title="Average wait per queue" empty="No task was in a queue in this period." rows={(outcome) => outcome.by_queue} value={(row) => row.wait_avg ?? 0} note={(row) => `${durationText(row.wait_avg)}, ${row.accepted} of ${row.tasks} accepted`} result={result} />
      {result.notes.length > 0 && (
        <Alert color="amber" variant="light" mb="md" title="To be read with this in mind">
          <ul className="what-if__notes">
            {result.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Alert>
      )}
    </section>
  );
}

const SERIES = [
  { key: "recorded", label: "What happened" },
  { key: "present", label: "Present rules" },
  { key: "changed", label: "Changed rules" },
] as const;

type BarsProps<Row extends { sid: string; name: string }> = {
  title: string;
  empty: string;
  rows: (outcome: WhatIfOutcome) => Row[];
  value: (row: Row) => number;
  note: (row: Row) => string;
  result: WhatIf;
};

function Bars<Row extends { sid: string; name: string }>({ title, empty, rows, value, note, result }: BarsProps<Row>) {
  const all = SERIES.map(({ key, label }) => ({ key, label, rows: new Map(rows(result[key]).map((row) => [row.sid, row])) }));
  const names = new Map(all.flatMap((series) => [...series.rows.values()].map((row): [string, string] => [row.sid, row.name])));
  const longest = Math.max(1, ...all.flatMap((series) => [...series.rows.values()].map(value)));
  return (
    <figure className="bars" aria-label={title}>
      <figcaption>
        <Title order={3} size="h5">
          {title}
        </Title>
        <span className="bars__legend" aria-hidden>
          {SERIES.map(({ key, label }) => (
            <span key={key}>
              <i className={`bar bar--${key}`} /> {label}
            </span>
          ))}
        </span>
      </figcaption>
      {names.size === 0 && <p className="hint">{empty}</p>}
      <ul>
        {[...names].map(([sid, name]) => (
          <li key={sid} className="bars__row">
            <span className="bars__name">{name}</span>
            <ul>
              {all.map((series) => {
                const row = series.rows.get(sid);
                return (
                  <li key={series.key} className="bars__line">
                    <span className="visually-hidden">{series.label}: </span>
                    <span className="bars__track" aria-hidden>
                      <i className={`bar bar--${series.key}`} style={{ width: `${((row ? value(row) : 0) / longest) * 100}%` }} />
                    </span>
                    <span className="bars__note">{row ? note(row) : "none"}</span>
                  </li>
                );
              })}
            </ul>
          </li>
        ))}
      </ul>
    </figure>
  );
}
