/** Shapes of `/app/v1`, typed by hand from docs/contracts.md §6. Times are `YYYY-MM-DDTHH:MM:SSZ`. */

import type { ConsoleSettings, Limits, PanelApp, StoredPreferences } from "./console-types";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type Role = "admin" | "supervisor" | "agent";

export type Session = {
  user: { sid: string; username: string; name: string; role: Role; worker_sid: string | null };
  account: { sid: string; name: string };
  csrf_token: string;
  /** Until a second factor is set up nothing else is answered. */
  must_enrol?: boolean;
};

/** What logging in with a password answers where a second factor is on. */
export type SecondFactorAsked = { second_factor: true; csrf_token: string };

/** An identity provider that the log-in page offers. */
export type OfferedProvider = { name: string; url: string };

/* Flows ------------------------------------------------------------------ */

export type Transition = { event: string; next?: string | null; conditions?: Json } & JsonObject;

/** One widget of a definition. Unknown properties are kept as they came. */
export type State = {
  name: string;
  type: string;
  properties: JsonObject;
  transitions: Transition[];
} & { [key: string]: Json };

/** Studio's own flow definition. */
export type Definition = {
  description?: string;
  initial_state: string;
  states: State[];
  flags?: JsonObject;
} & { [key: string]: Json | undefined };

export type Problem = {
  code: number | string;
  severity: "error" | "warning";
  message: string;
  /** `#/states/3/properties/x` */
  property_path: string;
  widget: string | null;
};

export type FlowSummary = {
  sid: string;
  friendly_name: string;
  status: "draft" | "published";
  revision: number;
  published_revision: number | null;
  widget_count: number;
  valid: boolean;
  date_created: string;
  date_updated: string;
  addresses: string[];
};

export type Flow = {
  sid: string;
  friendly_name: string;
  status: "draft" | "published";
  revision: number;
  published_revision: number | null;
  definition: Definition;
  valid: boolean;
  errors: Problem[];
  warnings: Problem[];
  date_created: string;
  date_updated: string;
};

export type ImportReport = {
  converted: { widget: string; from: string; to: string }[];
  unknown: { widget: string; type: string }[];
  placeholders: { widget: string; path: string; text: string }[];
  notes: string[];
};

export type RevisionSummary = {
  revision: number;
  status: "draft" | "published";
  author: string;
  commit_message: string;
  date_created: string;
};
export type Revision = RevisionSummary & { definition: Definition };

/** `details` of the 409 answered when somebody saved in between. */
export type ConflictDetails = { revision: number; author: string; date_updated: string };

export type CatalogueWidget = {
  type: string;
  title: string;
  group: string;
  description: string;
  channels: string[];
  runnable: boolean;
  schema: JsonObject;
  transitions: { event: string; label: string }[];
};

/** The newest execution of a flow, with what it knew in the end. */
export type Sample = { execution_sid: string; contact: string; revision: number; date_created: string; context: JsonObject };

export type Options = {
  workflows: { sid: string; friendly_name: string }[];
  task_channels: { sid: string; unique_name: string; friendly_name: string }[];
  flows: { sid: string; friendly_name: string }[];
  addresses: Json[];
};

/* Settings --------------------------------------------------------------- */

export type AddressTarget = "studio" | "none" | "webhook";
export type Address = {
  sid: string;
  type: string;
  address: string;
  friendly_name: string;
  target: AddressTarget;
  flow_sid: string | null;
  flow_name: string | null;
  webhook_url: string | null;
  webhook_method?: string;
  webhook_filters?: string[];
  enabled: boolean;
};

export type Connection = {
  sid: string;
  type: string;
  provider: string;
  address: string;
  friendly_name: string;
  status: string;
  api_base_url: string;
  rate_per_second: number | null;
  webhook_url: string | null;
  deployment_key: string | null;
  /** Which credentials it holds; the server never shows what they are. */
  credentials_set: string[];
};

/** What one provider's channel asks for and can do. */
export type ConnectionType = {
  provider: string;
  type: string;
  credentials: { name: string; label: string; required: boolean; secret: boolean }[];
  max_body: number;
  max_media: number;
  max_media_bytes: number;
  window_hours: number | null;
  strips: string[];
};

export type Exchange = {
  direction: "in" | "out";
  method: string;
  url: string;
  request: string;
  status: number | null;
  response: string;
  error: string;
  duration_ms: number;
  message_sid: string | null;
  date_created: string;
};

/** A message that did not reach a customer. */
export type Undelivered = {
  sid: string;
  connection_sid: string | null;
  conversation_sid: string;
  message_sid: string;
  from: string;
  to: string;
  body: string;
  reason: "refused" | "exhausted";
  error_code: number;
  error_message: string;
  attempts: number;
  date_created: string;
};

export type WebhookSettings = { pre_url: string; post_url: string; method: "GET" | "POST"; filters: string[] };

export type WebhookDelivery = {
  sid: string;
  conversation_sid: string | null;
  webhook: string;
  event: string;
  method: string;
  url: string;
  parameters: Record<string, string>;
  status: "queued" | "delivered" | "failed";
  attempts: number;
  response_status: number | null;
  response: string;
  error: string;
  duration_ms: number;
  date_created: string;
  date_updated: string;
};

/* Executions ------------------------------------------------------------- */

export type Execution = {
  sid: string;
  flow_sid: string;
  flow_name: string;
  revision: number;
  contact: string;
  status: string;
  current_widget: string | null;
  error: string | null;
  date_created: string;
  date_updated: string;
  conversation_sid: string | null;
  /** The kind of event that began it, e.g. `incomingMessage`. */
  trigger?: string;
  is_test?: boolean;
  waits_for?: string | null;
  date_ended?: string | null;
};

export type ExecutionStep = {
  sid: string;
  seq: number;
  event: string;
  name: string;
  type: string;
  transitioned_from: string;
  transitioned_to: string;
  changes: JsonObject;
  warnings: Json[];
  /** The run-subflow step it belongs to; null for a step of the flow itself. */
  parent_seq?: number | null;
  date_entered?: string | null;
  date_created: string;
};

/** One call out; `status_code` null and an `error` where no answer came. */
export type HttpExchange = {
  ref: number;
  step_seq?: number | null;
  method: string;
  url: string;
  request_body: string | null;
  status_code: number | null;
  content_type: string | null;
  response_body: string | null;
  error: string | null;
  duration_ms: number | null;
  date_created: string;
};

/** The visit of a widget that has not ended yet. */
export type Waiting = { name: string; waits_for: string; due_at: string | null; warnings: Json[] };

export type ExecutionDetail = Execution & {
  steps: ExecutionStep[];
  context: JsonObject;
  http: HttpExchange[];
  waiting?: Waiting | null;
  /** The SID of what began it; an execution’s where it runs that one again. */
  initiated_by?: string | null;
  /** The SIDs of the executions that ran this one again, oldest first. */
  retries?: string[];
};

/* Console ---------------------------------------------------------------- */

export type Source = "customer" | "flow" | "agent" | "api" | "system";

export type Activity = { sid: string; name: string; available: boolean };
export type Worker = { sid: string; name: string; activity_sid: string; activity_since: string };

export type ReservationStatus =
  | "pending" | "accepted" | "rejected" | "timeout" | "canceled" | "rescinded" | "wrapping" | "completed";

export type Reservation = {
  sid: string;
  status: ReservationStatus;
  expires_at: string | null;
  date_created: string;
  date_updated: string;
  queue_name: string;
  task: { sid: string; status: string; priority: number; age: number; attributes: JsonObject; channel: string };
  conversation: {
    sid: string;
    state: "active" | "inactive" | "closed";
    channel_type: string;
    customer_name: string;
    customer_address: string;
    last_message: { index: number; author: string; body: string; source: Source; date_created: string } | null;
    unread: number;
    last_customer_at?: string | null;
    /** The first message of the customer's that no person has answered. */
    waiting_since?: string | null;
    /** The customer's newest words, of an offer. */
    customer_said?: string | null;
    /** null: only our own bounds hold. */
    limits?: Limits | null;
  } | null;
};

export type ConsoleState = {
  worker: Worker | null;
  activities: Activity[];
  reservations: Reservation[];
  now: string;
  settings?: ConsoleSettings;
  preferences?: StoredPreferences;
  apps?: PanelApp[];
};

export type Delivery = {
  status: "queued" | "sent" | "delivered" | "read" | "failed" | "undelivered";
  error_code: number | null;
  error_message: string | null;
};

export type Message = {
  sid: string;
  index: number;
  author: string;
  author_name: string;
  source: Source;
  body: string;
  media: {
    sid?: string | null; url: string; content_type: string; filename: string; size?: number | null; state?: "stored" | "pending" | "failed";
  }[];
  /** Where the customer is, or wants somebody to be. */
  place?: { latitude: number; longitude: number; name: string; address: string };
  /** Answers that the customer is offered as buttons. */
  quick_replies?: { title: string; payload: string }[];
  /** The customer tapped a button and did not write. */
  button?: true;
  /** A kind of message that cannot be shown, in the provider's word. */
  unshown?: string;
  client_ref: string | null;
  delivery: Delivery | null;
  date_created: string;
};

export type Conversation = {
  sid: string;
  state: "active" | "inactive" | "closed";
  channel_type: string;
  customer: { name: string; address: string };
  proxy_address: string;
  participants: { sid: string; kind: string; identity: string; name: string }[];
  attributes: JsonObject;
  last_message_index: number;
  execution_sids: string[];
  date_created: string;
};
