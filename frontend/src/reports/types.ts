/** Shapes of `/app/v1/reports`, from docs/contracts.md §6 "Reports". Times are seconds, shares percent; null: nothing to divide by. */

export type Measures = {
  contacts: number;
  accepted: number;
  abandoned: number;
  moved: number;
  in_time: number;
  abandoned_percent: number | null;
  service_level_percent: number | null;
  wait_avg: number | null;
  wait_max: number | null;
  abandoned_wait_avg: number | null;
  handle_avg: number | null;
  talk_avg: number | null;
  wrap_avg: number | null;
  handle_total: number;
  transfers_in: number;
  transfers_out: number;
  csat_asked: number;
  csat_answers: number;
  csat_avg: number | null;
  csat_percent: number | null;
};

export type Row = Measures & { sid: string | null; name: string; offers?: number; rejected?: number; missed?: number };
export type Point = Measures & { start: string };
export type By = "queue" | "agent" | "flow" | "channel";
export type Interval = "hour" | "day" | "week" | "month";

export type Report = {
  from: string;
  to: string;
  time_zone: string;
  interval: Interval;
  by: By;
  service_level_seconds: number;
  totals: Measures;
  rows: Row[];
  series: Point[];
};

export type Named = { sid: string; name: string };
export type Options = { time_zone: string; queues: Named[]; agents: Named[]; flows: Named[]; channels: string[]; task_channels: string[] };

export type Hours = {
  time_zone: string;
  activities: { sid: string; name: string; available: boolean }[];
  agents: { sid: string; name: string; seconds: Record<string, number>; available_seconds: number }[];
};

export type Stretch = { activity_sid: string; name: string; available: boolean; from: string; to: string; seconds: number };
