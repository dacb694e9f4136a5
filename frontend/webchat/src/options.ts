/** What a page may set on the widget's script tag, read once. */

import { bareDeployment, type Deployment, type FileRules, type FormField } from "./deployment";
import { defaultTexts, type Texts } from "./texts";

export type { FormField };

export type LauncherIcon = "chat" | "question" | "wave" | "mail";

export type Options = {
  deploymentKey: string;
  /** Origin (and path prefix, if any) of the server, without a slash at the end. */
  server: string;
  title: string;
  greeting: string;
  /** `#rrggbb`, or null for the widget's own colour. */
  accent: string | null;
  position: "left" | "right";
  open: boolean;
  theme: "auto" | "light" | "dark";
  direction: "ltr" | "rtl" | null;
  /** Fields asked for before the first message; empty: no form. */
  form: readonly FormField[];
  /** CSS selector of the element the widget lives in; null: the body. */
  container: string | null;
  texts: Texts;
  /** BCP 47, for dates; and which of the admin's texts are shown. */
  language: string;
  /** A name of ours, or the address of a picture. */
  launcherIcon: LauncherIcon | { url: string };
  launcherText: string;
  files: FileRules | null;
  hours: { open: boolean; opensAt: Date | null; mode: "message" | "chat" | "closed"; text: string };
  /** Seconds; null: never. */
  leaveMessageAfter: number | null;
  showQueue: boolean;
  sound: boolean;
  transcript: boolean;
  /** What the site's server signed of its user; null: an unnamed visitor. */
  identityToken: string | null;
};

/** The script tag lacks something the widget cannot do without, or has it in a form it cannot read. */
export class BadOption extends Error {
  override name = "BadOption";
}

const FIELD_TYPES: Record<string, FormField["type"]> = {
  email: "email",
  phone: "tel",
  tel: "tel",
  question: "textarea",
  message: "textarea",
};

/**
 * Read `data-*` attributes, as `element.dataset` gives them; what they leave out is as the admin set it.
 *
 * `scriptUrl` is the script's own address: its origin is the server unless `data-server` says otherwise.
 *
 * @throws BadOption no deployment key, or texts that are not JSON.
 */
export function readOptions(
  dataset: Readonly<Record<string, string | undefined>>,
  scriptUrl: string,
  deployment: Deployment = bareDeployment,
): Options {
  const { deploymentKey, server, language } = readPlace(dataset, scriptUrl);
  const texts = readTexts(dataset["texts"], deployment.texts);
  const said = (name: string) => dataset[name]?.trim() ?? "";
  return {
    deploymentKey,
    server,
    language,
    title: said("title") || deployment.title || texts.title,
    greeting: said("greeting") || deployment.greeting || texts.greeting,
    accent: readColour(said("accent")) ?? readColour(deployment.accent),
    position: /left/i.test(said("position") || deployment.position) ? "left" : "right",
    open: dataset["open"] !== undefined && isYes(dataset["open"]),
    theme: oneOf(said("theme") || deployment.theme, ["light", "dark"] as const) ?? "auto",
    direction: oneOf(said("dir") || deployment.direction, ["ltr", "rtl"] as const),
    // What the server checks is asked.
    form: deployment.form.length ? deployment.form : readForm(dataset["form"], texts),
    container: said("container") || null,
    texts,
    launcherIcon: readIcon(said("launcherIcon") || deployment.launcher.icon),
    launcherText: (said("launcherText") || deployment.launcher.text).slice(0, 40),
    files: deployment.files,
    hours: {
      open: deployment.open,
      opensAt: deployment.opens_at ? new Date(deployment.opens_at) : null,
      mode: deployment.offline.mode,
      text: deployment.offline.text,
    },
    leaveMessageAfter: deployment.leave_message_after,
    showQueue: deployment.show_queue,
    sound: dataset["sound"] === undefined ? deployment.sound : isYes(dataset["sound"]),
    transcript: deployment.transcript,
    identityToken: said("identity") || null,
  };
}

/**
 * Read what is needed to ask the server for the rest.
 *
 * @throws BadOption no deployment key.
 */
export function readPlace(dataset: Readonly<Record<string, string | undefined>>, scriptUrl: string) {
  const deploymentKey = (dataset["deploymentKey"] ?? "").trim();
  if (!deploymentKey) throw new BadOption("data-deployment-key is missing on the web-chat script tag");
  const server = (dataset["server"]?.trim() || new URL(scriptUrl).origin).replace(/\/+$/, "");
  const language = dataset["lang"]?.trim() || document.documentElement.lang || navigator.language || "en";
  return { deploymentKey, server, language };
}

/**
 * Whose chat a signed token opens, to keep the chats of two people at one browser apart; the server checks it.
 *
 * @throws BadOption it is no JWT with a subject.
 */
export function subjectOf(token: string): string {
  try {
    const payload = (token.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown };
    if (typeof sub === "string" && sub) return sub;
  } catch {
    // Said below.
  }
  throw new BadOption("data-identity on the web-chat script tag is not a signed token with a subject");
}

/** `"name*, email, question"`: a star makes a field required, the name decides the kind of input. */
export function readForm(text: string | undefined, texts: Texts): readonly FormField[] {
  const fields: FormField[] = [];
  for (const part of (text ?? "").split(",")) {
    const name = part.replace("*", "").trim();
    if (!name || fields.some((field) => field.name === name)) continue;
    fields.push({
      name,
      label: texts.fields[name] ?? name.charAt(0).toUpperCase() + name.slice(1).replace(/[_-]+/g, " "),
      type: FIELD_TYPES[name] ?? "text",
      required: part.includes("*"),
      options: [],
    });
  }
  return fields;
}

/** `#abc` or `#aabbcc` as `#aabbcc`; anything else is no colour. */
export function readColour(text: string | undefined): string | null {
  const match = /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.exec((text ?? "").trim());
  const digits = match?.[1];
  if (!digits) return null;
  const full = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
  return `#${full.toLowerCase()}`;
}

/** Black or white, whichever reads better on `colour` (`#rrggbb`); WCAG's relative luminance. */
export function inkOn(colour: string): "#000000" | "#ffffff" {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

function readTexts(json: string | undefined, admins: Record<string, string>): Texts {
  let given: Partial<Texts> = {};
  try {
    if (json) given = JSON.parse(json) as Partial<Texts>;
  } catch {
    throw new BadOption("data-texts on the web-chat script tag is not valid JSON");
  }
  return { ...defaultTexts, ...admins, ...given, fields: { ...defaultTexts.fields, ...given.fields } };
}

function readIcon(text: string): Options["launcherIcon"] {
  if (/^https?:\/\/|^\//i.test(text)) return { url: text };
  return oneOf(text, ["question", "wave", "mail"] as const) ?? "chat";
}

function isYes(text: string): boolean {
  return !/^(false|no|0|off)$/i.test(text.trim());
}

function oneOf<T extends string>(text: string | undefined, allowed: readonly T[]): T | null {
  return allowed.find((value) => value === text?.trim().toLowerCase()) ?? null;
}
