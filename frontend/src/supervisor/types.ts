/** Shapes of `/app/v1/supervisor`, from docs/contracts.md §6 "Supervisor". Times are `YYYY-MM-DDTHH:MM:SSZ`. */

export type State = "good" | "warning" | "alarm" | "";

export type Figures = {
  waiting: number;
  offered: number;
  assigned: number;
  wrapping: number;
  longest_wait: number | null;
  accepted: number;
  abandoned: number;
  service_level: number | null;
  service_level_seconds: number;
  states: { waiting: State; longest_wait: State; service_level: State };
};

export type QueueFigures = Figures & { sid: string; name: string; available_agents: number; idle_agents: number };
export type ChannelFigures = Figures & { name: string; friendly_name: string };
export type ActivityFigures = { sid: string; name: string; available: boolean; agents: number; busy: number };

export type Help = {
  sid: string;
  conversation_sid: string;
  agent: string;
  worker_sid: string;
  note: string;
  accepted_by: string | null;
  date_created: string;
};

export const MEASURES = ["waiting", "longest_wait", "service_level", "handle_time"] as const;
export type Measure = (typeof MEASURES)[number];

export type Limits = { service_level_seconds: number } & { [Key in `${Measure}_${"warning" | "alarm"}`]: number };

export type Colours = { good: string; warning: string; alarm: string };

export type Goals = Limits & {
  colours: Colours;
  is_monitoring_private: boolean;
  queues: Record<string, Partial<Limits>>;
  channels: Record<string, Partial<Limits>>;
};

export type Wallboard = {
  now: string;
  window: string;
  since: string;
  goals: Goals;
  totals: Figures;
  queues: QueueFigures[];
  channels: ChannelFigures[];
  activities: ActivityFigures[];
  agents: number;
  help: Help[];
};

export type Work = {
  task_sid: string;
  status: string;
  priority: number;
  age: number;
  queue: { sid: string; name: string } | null;
  channel: string;
  channel_type: string;
  conversation_sid: string | null;
  customer: string;
};

export type Seat = { channel: string; name: string; capacity: number; assigned: number; available: boolean };

export type Agent = {
  sid: string;
  name: string;
  worker_name: string;
  activity_sid: string;
  activity: string;
  available: boolean;
  since: string;
  teams: string[];
  skills: string[];
  channels: Seat[];
  handle_seconds: number | null;
  handle_state: State;
  tasks: (Work & { accepted_at: string | null })[];
};

export type Facet = { name: string; agents: number };

export type AgentPage = {
  now: string;
  total: number;
  offset: number;
  agents: Agent[];
  facets: { teams: Facet[]; skills: Facet[] };
  activities: { sid: string; name: string; available: boolean }[];
};

export type Chat = Work & {
  agent: string | null;
  worker_sid: string | null;
  wait_seconds: number | null;
  handle_seconds: number | null;
  state: State;
  conversation_state: string | null;
  last_message: { source: string; body: string; date_created: string } | null;
  needs_help: boolean;
  watchers: string[];
};

export type ChatPage = { now: string; total: number; offset: number; chats: Chat[] };

export type TakenOver = { task_sid: string; reservation_sid: string | null };

export type Watching = {
  customer: string;
  is_private: boolean;
  has_barged_in: boolean;
  agents: string[];
  can_take_over: boolean;
  watchers: string[];
  help: Help | null;
};
