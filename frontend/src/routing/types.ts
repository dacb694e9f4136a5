/** Shapes of `/app/v1/routing`, from docs/contracts.md §6 "Routing admin". Times are `YYYY-MM-DDTHH:MM:SSZ`. */
import type { JsonObject } from "../api/types";

export type Order = "FIFO" | "LIFO";

export type Workspace = {
  sid: string;
  friendly_name: string;
  default_activity_sid: string | null;
  timeout_activity_sid: string | null;
  prioritize_queue_order: Order;
  channel_fairness: "none" | "round_robin";
  event_callback_url: string;
  events_filter: string;
};

export type Queue = {
  sid: string;
  friendly_name: string;
  target_workers: string;
  task_order: Order;
  max_reserved_workers: number;
  worker_count: number;
  waiting: number;
  date_updated: string;
};

export type Workflow = {
  sid: string;
  friendly_name: string;
  configuration: JsonObject;
  assignment_callback_url: string;
  fallback_assignment_callback_url: string;
  /** Seconds. */
  task_reservation_timeout: number;
  waiting: number;
  date_updated: string;
};

export type WorkerChannel = { task_channel_sid: string; unique_name: string; capacity: number; available: boolean; assigned: number };

export type RoutingWorker = {
  sid: string;
  friendly_name: string;
  attributes: JsonObject;
  activity_sid: string;
  activity_name: string;
  available: boolean;
  channels: WorkerChannel[];
  open_reservations: number;
  user: { sid: string; username: string; name: string } | null;
  date_updated: string;
};

export type RoutingActivity = { sid: string; friendly_name: string; available: boolean; worker_count: number };

export type TaskChannel = {
  sid: string;
  unique_name: string;
  friendly_name: string;
  default_capacity: number;
  channel_optimized_routing: boolean;
  is_built_in: boolean;
};

export type Period = { from: string; to: string };
/** `day` 0 is Monday. */
export type WeeklyPeriod = Period & { day: number };
export type OwnDate = { date: string; name: string; periods: Period[] };

export type Calendar = {
  sid: string;
  name: string;
  time_zone: string;
  weekly: WeeklyPeriod[];
  country: string;
  subdivision: string;
  dates: OwnDate[];
  open: boolean;
  next_change: string | null;
  date_updated: string;
};

export type CalendarOptions = { countries: { code: string; subdivisions: string[] }[]; time_zones: string[] };
export type CalendarDay = { date: string; periods: Period[]; reason: string };

export type Routing = {
  workspace: Workspace;
  queues: Queue[];
  workflows: Workflow[];
  workers: RoutingWorker[];
  activities: RoutingActivity[];
  task_channels: TaskChannel[];
  calendars: Calendar[];
};

export type ExpressionKind = "queue" | "filter" | "target" | "skip";
export type ExpressionError = { message: string; line: number | null; column: number | null };
export type ExpressionCheck = {
  ok: boolean;
  error: ExpressionError | null;
  workers: number | null;
  tasks: number | null;
  tasks_seen: number;
  attributes_seen: { worker: string[]; task: string[]; calendar: string[] };
};

export type RoutingTask = {
  sid: string;
  status: string;
  priority: number;
  /** Seconds. */
  age: number;
  attributes: JsonObject;
  channel: string;
  queue: { sid: string; friendly_name: string } | null;
  workflow: { sid: string; friendly_name: string } | null;
  worker_name: string | null;
  reason: string;
  is_waiting: boolean;
  date_created: string;
};

export type Candidate = {
  worker_sid: string;
  worker_name: string;
  verdict: string;
  place?: number;
  idle_seconds?: number;
  open_reservations?: number;
  activity?: string;
};

export type Attempt = {
  at: string;
  outcome: string;
  explanation: string;
  task_queue_sid: string | null;
  candidates: Candidate[];
  counts: Record<string, number>;
};

export type Explanation = {
  task: RoutingTask;
  status: string;
  summary: string;
  ahead: number;
  /** Which workers its queue takes; null of an older server, and in no queue. */
  queue_expression?: string | null;
  workflow: {
    workflow_sid: string;
    filter: string;
    filter_index: number | null;
    target_index: number;
    task_queue_sid: string | null;
    task_queue_name: string | null;
    expression: string | null;
    leaves_at: string | null;
  } | null;
  due: { at: string; what: string }[];
  workers: { worker_sid: string; worker_name: string; verdict: string; reason: string; place?: number }[];
  counts: Record<string, number>;
  attempts: Attempt[];
};

export type WhatIfOutcome = {
  tasks: number;
  accepted: number;
  canceled: number;
  unserved: number;
  wait: { avg: number | null; p50: number | null; p90: number | null; max: number | null };
  service_level: { seconds: number; percent: number | null };
  by_queue: { sid: string; name: string; tasks: number; accepted: number; wait_avg: number | null }[];
  by_worker: { sid: string; name: string; tasks: number; busy_percent: number | null }[];
};

export type WhatIf = {
  workflow_sid: string;
  start: string;
  end: string;
  recorded: WhatIfOutcome;
  present: WhatIfOutcome;
  changed: WhatIfOutcome;
  notes: string[];
};
