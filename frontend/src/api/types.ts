/** Shapes of `/app/v1`, typed by hand from docs/contracts.md §6. Times are `YYYY-MM-DDTHH:MM:SSZ`. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type Role = "admin" | "supervisor" | "agent";

export type Session = {
  user: { sid: string; username: string; name: string; role: Role; worker_sid: string | null };
  account: { sid: string; name: string };
  csrf_token: string;
};

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
  enabled: boolean;
};

export type Connection = {
  sid: string;
  type: string;
  provider: string;
  address: string;
  friendly_name: string;
  status: string;
  webhook_url: string;
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

export type ExecutionDetail = Execution & { steps: ExecutionStep[]; context: JsonObject; http: HttpExchange[] };

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
  } | null;
};

export type ConsoleState = {
  worker: Worker | null;
  activities: Activity[];
  reservations: Reservation[];
  now: string;
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
  media: { url: string; content_type: string; filename: string }[];
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
