/** A web chat's settings as the API gives and takes them (docs/webchat.md), and what the form makes of them. */

import type { Deployment, FormField } from "../../../webchat/src/deployment";

export type Field = FormField;

export type WebchatSettings = {
  title: string;
  greeting: string;
  accent: string;
  theme: "auto" | "light" | "dark";
  position: "right" | "left";
  direction: "" | "ltr" | "rtl";
  launcher_icon: "chat" | "question" | "wave" | "mail";
  launcher_text: string;
  form: Field[];
  files: boolean;
  file_types: string[];
  max_file_bytes: number;
  calendar_sid: string;
  offline: "message" | "chat" | "closed";
  offline_text: string;
  leave_message_after: number;
  show_queue: boolean;
  sound: boolean;
  transcript: boolean;
  texts: Record<string, Record<string, string>>;
  origins: string[];
  identity: "off" | "optional" | "required";
};

export type Webchat = {
  sid: string;
  friendly_name: string;
  address: string;
  status: string;
  deployment_key: string;
  script_url: string;
  has_identity_secret: boolean;
  settings: WebchatSettings;
};

export type WebchatList = {
  webchats: Webchat[];
  calendars: { sid: string; name: string }[];
  limits: { max_file_bytes: number; form_fields: number };
};

/** What the form calls each of them. */
export const NAMES: Partial<Record<keyof WebchatSettings, string>> = {
  title: "Title", greeting: "Greeting", accent: "Colour", theme: "Light or dark", position: "Corner", direction: "Writing direction",
  launcher_icon: "Button’s picture", launcher_text: "Button’s text", form: "Questions before the chat", files: "Visitors may send files",
  file_types: "Types", max_file_bytes: "Largest file", calendar_sid: "Opening hours", offline: "Outside them", offline_text: "What is said then",
  leave_message_after: "Offer to leave a message after", show_queue: "Show the place in the queue", texts: "Words and languages", origins: "Sites",
  identity: "Logged-in users",
};

/** What the widget would be told of these settings. */
export function deploymentOf(settings: WebchatSettings, isOpen: boolean): Deployment {
  const language = Object.keys(settings.texts)[0];
  return {
    title: settings.title,
    greeting: settings.greeting,
    accent: settings.accent,
    theme: settings.theme,
    position: settings.position,
    direction: settings.direction,
    launcher: { icon: settings.launcher_icon, text: settings.launcher_text },
    form: settings.form.filter((field) => field.name),
    files: settings.files ? { types: settings.file_types, max_bytes: settings.max_file_bytes } : null,
    open: isOpen,
    opens_at: isOpen ? null : nextMorning(new Date()).toISOString(),
    offline: { mode: settings.offline, text: settings.offline_text },
    leave_message_after: settings.leave_message_after || null,
    show_queue: settings.show_queue,
    sound: false,
    transcript: settings.transcript,
    texts: language ? settings.texts[language]! : {},
    identity: settings.identity,
  };
}

function nextMorning(now: Date): Date {
  const morning = new Date(now);
  morning.setDate(now.getDate() + 1);
  morning.setHours(9, 0, 0, 0);
  return morning;
}

/** The tag to copy into a site's pages. */
export function scriptTag({ script_url, deployment_key }: Pick<Webchat, "script_url" | "deployment_key">): string {
  return `<script src="${script_url}" data-deployment-key="${deployment_key}" async></script>`;
}

/** The content policy a strict site needs beside what it has. */
export function policyOf(scriptUrl: string): string {
  const { origin, host, protocol } = new URL(scriptUrl);
  const socket = `${protocol === "https:" ? "wss" : "ws"}://${host}`;
  return `script-src ${origin}; connect-src ${origin} ${socket}; img-src ${origin}`;
}

/** A field's name from what it is called: letters, digits and `_`, and none that is taken. */
export function nameOf(label: string, taken: readonly string[]): string {
  const plain = label
    .normalize("NFKD")
    .replace(/[^A-Za-z0-9 _-]/g, "")
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .slice(0, 40);
  const base = plain || "field";
  let name = base;
  for (let number = 2; taken.includes(name); number += 1) name = `${base.slice(0, 36)}_${number}`;
  return name;
}

/** One entry a line, without empty ones. */
export function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}
