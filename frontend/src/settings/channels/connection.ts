/** What the form of a connection holds, and what keeps it from being saved. */
import type { Connection, ConnectionType } from "../../api/types";
import { channelName, providerName } from "../../core/channels";

export type ConnectionDraft = {
  /** `provider/type`: which of the server's kinds it is. */
  kind: string;
  address: string;
  friendly_name: string;
  credentials: Record<string, string>;
  api_base_url: string;
  rate_per_second: string;
};

/** The web chat has no adapter of its own on the server: its sender is the page. */
export const WEB_CHAT: ConnectionType = {
  provider: "web", type: "chat", credentials: [], max_body: 32_768, max_media: 10, max_media_bytes: 0, window_hours: null, strips: [],
};

export function kindOf(of: { provider: string; type: string }): string {
  return `${of.provider}/${of.type}`;
}

export function kindLabel(of: { provider: string; type: string }): string {
  return of.provider === "web" ? channelName(of.type) : `${channelName(of.type)} by ${providerName(of.provider)}`;
}

export function connectionDraft(connection: Connection | null): ConnectionDraft {
  return {
    kind: connection ? kindOf(connection) : "",
    address: connection?.address ?? "",
    friendly_name: connection?.friendly_name ?? "",
    credentials: {},
    api_base_url: connection?.api_base_url ?? "",
    rate_per_second: connection?.rate_per_second == null ? "" : String(connection.rate_per_second),
  };
}

const EXAMPLES: Record<string, string> = {
  sms: "+15557771212",
  whatsapp: "whatsapp:+15557771212",
  messenger: "messenger:<page id>",
  gbm: "gbm:<agent id>",
  rcs: "rcs:<agent id>",
  chat: "shop",
};

/** What an address of this channel looks like. */
export function addressExample(type: string): string {
  return EXAMPLES[type] ?? "";
}

/** What keeps a draft from being saved, by field; credentials by `credentials.<name>`. */
export function connectionProblems(draft: ConnectionDraft, type: ConnectionType | undefined, connection: Connection | null): Record<string, string> {
  const problems: Record<string, string> = {};
  if (!type) return { kind: "Choose the channel and who carries it." };
  if (!draft.address.trim()) problems["address"] = `Fill in our address, such as ${addressExample(type.type)}.`;
  for (const field of type.credentials) {
    const kept = connection?.credentials_set.includes(field.name) ?? false;
    if (field.required && !kept && !draft.credentials[field.name]?.trim()) problems[`credentials.${field.name}`] = `${field.label} is needed.`;
  }
  if (draft.api_base_url && !/^https?:\/\/\S+$/.test(draft.api_base_url)) problems["api_base_url"] = "This must begin with https:// or http://.";
  if (draft.rate_per_second && !(Number(draft.rate_per_second) > 0)) problems["rate_per_second"] = "This must be a number above 0.";
  return problems;
}

/** The body that creates or changes a connection; credentials that were left empty stay as they are. */
export function connectionBody(draft: ConnectionDraft, isNew: boolean): Record<string, unknown> {
  const credentials = Object.fromEntries(Object.entries(draft.credentials).filter(([, value]) => value.trim() !== ""));
  const [provider, type] = draft.kind.split("/");
  return {
    ...(isNew ? { provider, type, address: draft.address.trim() } : {}),
    friendly_name: draft.friendly_name.trim(),
    credentials,
    api_base_url: draft.api_base_url.trim(),
    rate_per_second: draft.rate_per_second.trim(),
  };
}

/** What the channel can and cannot carry, for people who choose one. */
export function limitsInWords(type: ConnectionType): string[] {
  const words = [`Texts up to ${type.max_body.toLocaleString("en")} characters.`];
  if (type.max_media_bytes > 0) words.push(`At most ${type.max_media} files, ${Math.floor(type.max_media_bytes / 1048576)} MB each.`);
  if (type.window_hours !== null) {
    const window = type.window_hours >= 48 ? `${Math.round(type.window_hours / 24)} days` : `${type.window_hours} hours`;
    words.push(`Free text only within ${window} of the customer’s last message.`);
  }
  if (type.strips.length > 0) words.push(`Does not carry ${type.strips.join(", ")}.`);
  return words;
}

/** What the form calls what the server names; its services say it as the REST API does. */
export function namesOf(type: ConnectionType | undefined): Record<string, string> {
  const ours = {
    address: "Our address", friendly_name: "Name", api_base_url: "Other API address", ApiBaseUrl: "Other API address",
    rate_per_second: "Messages a second", RatePerSecond: "Messages a second",
  };
  return { ...ours, ...Object.fromEntries((type?.credentials ?? []).map(({ name, label }) => [name, label])) };
}
