/** What a page may set on the widget's script tag, read once. */

import { defaultTexts, type Texts } from "./texts";

export type FormField = { name: string; label: string; kind: "text" | "email" | "tel" | "textarea"; required: boolean };

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
};

/** The script tag lacks something the widget cannot do without, or has it in a form it cannot read. */
export class BadOption extends Error {
  override name = "BadOption";
}

const FIELD_KINDS: Record<string, FormField["kind"]> = {
  email: "email",
  phone: "tel",
  tel: "tel",
  question: "textarea",
  message: "textarea",
};

/**
 * Read `data-*` attributes, as `element.dataset` gives them.
 *
 * `scriptUrl` is the script's own address: its origin is the server unless `data-server` says otherwise.
 *
 * @throws BadOption no deployment key, or texts that are not JSON.
 */
export function readOptions(dataset: Readonly<Record<string, string | undefined>>, scriptUrl: string): Options {
  const deploymentKey = (dataset["deploymentKey"] ?? "").trim();
  if (!deploymentKey) throw new BadOption("data-deployment-key is missing on the web-chat script tag");
  const texts = readTexts(dataset["texts"]);
  return {
    deploymentKey,
    server: (dataset["server"]?.trim() || new URL(scriptUrl).origin).replace(/\/+$/, ""),
    title: dataset["title"]?.trim() || texts.title,
    greeting: dataset["greeting"]?.trim() || texts.greeting,
    accent: readColour(dataset["accent"]),
    position: /left/i.test(dataset["position"] ?? "") ? "left" : "right",
    open: dataset["open"] !== undefined && !/^(false|no|0)$/i.test(dataset["open"]),
    theme: oneOf(dataset["theme"], ["light", "dark"] as const) ?? "auto",
    direction: oneOf(dataset["dir"], ["ltr", "rtl"] as const),
    form: readForm(dataset["form"], texts),
    container: dataset["container"]?.trim() || null,
    texts,
  };
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
      kind: FIELD_KINDS[name] ?? "text",
      required: part.includes("*"),
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

function readTexts(json: string | undefined): Texts {
  if (!json) return defaultTexts;
  try {
    const given = JSON.parse(json) as Partial<Texts>;
    return { ...defaultTexts, ...given, fields: { ...defaultTexts.fields, ...given.fields } };
  } catch {
    throw new BadOption("data-texts on the web-chat script tag is not valid JSON");
  }
}

function oneOf<T extends string>(text: string | undefined, allowed: readonly T[]): T | null {
  return allowed.find((value) => value === text?.trim().toLowerCase()) ?? null;
}
