/** Shapes of what is set up for the console, and of what colleagues tell each other (docs/contracts.md §6). */
import type { Json, JsonObject, Message } from "./types";

/** What a channel takes of one message. */
export type Limits = {
  max_body: number;
  max_media: number;
  max_media_bytes: number;
  /** How long after the customer's last message free text may be sent; null: always. */
  window_seconds: number | null;
  /** What of an agent's formatting does not arrive. */
  strips: string[];
};

export type Thresholds = { warn_after: number; late_after: number };

export type ConsoleSettings = Thresholds & {
  by_channel: Record<string, Thresholds>;
  tells_typing: boolean;
  shows_text: boolean;
  personal_replies: boolean;
};

export type StoredPreferences = { keymap?: JsonObject; alerts?: JsonObject; list?: JsonObject; panel?: JsonObject; builder_keymap?: JsonObject };

export type PanelApp = {
  sid: string;
  name: string;
  url: string;
  origin: string;
  enabled: boolean;
  shares: string[];
  date_updated: string;
};
export type PanelAppWithSecret = PanelApp & { secret: string };

export type AppToken = { token: string; expires_at: string; context: JsonObject };

/** A note or a whisper. */
export type Internal = {
  sid: string;
  number: number;
  /** The message it stands behind; -1: before all. */
  after_index: number;
  kind: "note" | "whisper";
  author_name: string;
  author_sid: string;
  to_worker_sid: string | null;
  body: string;
  media: Message["media"];
  client_ref: string | null;
  date_created: string;
};

/** One thing that a macro does; `set`: an attribute of the contact. */
export type Step =
  | { do: "note"; text: string }
  | { do: "set"; name: string; value: string }
  | { do: "park"; wake: "reply" | "hour" | "hours" | "tomorrow" }
  | { do: "end" };

export type CannedReply = {
  sid: string;
  scope: "account" | "personal";
  folder: string;
  shortcode: string;
  body: string;
  media: { sid: string; url: string; content_type: string; filename: string; size: number | null }[];
  /** What is done after the text was sent; empty: the text is only inserted. */
  steps: Step[];
  /** Channel types it is offered on; empty: on all. */
  channels: string[];
  editable: boolean;
  date_updated: string;
};

export type MessageTemplate = {
  sid: string;
  name: string;
  channel_type: string;
  content_sid: string;
  body: string;
  variables: string[];
  date_updated: string;
};

export type Hits = { messages: Message[]; internal: Internal[]; is_cut: boolean };

export type { Json };
