/** Questions with a button: what is asked before the chat, and the message that is left. */

import type { FormField } from "../deployment";
import type { Texts } from "../texts";
import { h, show } from "./dom";

/** What was filled in, by field name; empty fields left out. */
export type Answers = Record<string, string>;

export type QuestionForm = {
  element: HTMLFormElement;
  /** Show what the server found wrong with an answer. */
  refuse: (field: string, message: string) => void;
  fill: (answers: Readonly<Answers>) => void;
};

const AUTOCOMPLETE: Record<string, string> = { name: "name", email: "email", phone: "tel" };
const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const PHONE = /^\+?[0-9 ()./-]{4,30}$/;

let forms = 0;

/** A form that calls `onSubmit` once every answer fits; `extra` goes below the button. */
export function questionForm(
  fields: readonly FormField[],
  words: { greeting: string; submit: string; texts: Texts },
  onSubmit: (answers: Answers) => void,
  extra?: HTMLElement,
): QuestionForm {
  const prefix = `form${(forms += 1)}`;
  const rows = fields.map((field) => fieldRow(field, prefix, words.texts));
  const element = h(
    "form",
    {
      class: "form",
      novalidate: true,
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        const wrong = rows.filter((row) => !row.check());
        if (wrong[0]) return wrong[0].input.focus();
        onSubmit(Object.fromEntries(rows.map((row) => [row.field.name, row.value()]).filter(([, value]) => value)));
      },
    },
    h("p", { class: "form-greeting", dir: "auto" }, words.greeting),
    ...rows.map((row) => row.element),
    h("button", { type: "submit", class: "primary" }, words.submit),
    extra,
  );
  return {
    element,
    refuse: (name, message) => {
      const row = rows.find((each) => each.field.name === name);
      row?.say(message);
      row?.input.focus();
    },
    fill: (answers) => {
      for (const row of rows) if (answers[row.field.name] && !row.value()) row.fill(answers[row.field.name]!);
    },
  };
}

function fieldRow(field: FormField, prefix: string, texts: Texts) {
  const id = `${prefix}-${field.name}`;
  const attributes = {
    id,
    name: field.name,
    "aria-describedby": `${id}-error`,
    "aria-required": String(field.required),
    autocomplete: AUTOCOMPLETE[field.name] ?? "off",
    maxlength: "1000",
    dir: "auto",
  };
  const isBox = field.type === "checkbox";
  const input =
    field.type === "textarea"
      ? h("textarea", { ...attributes, rows: "3" })
      : field.type === "select"
        ? h(
            "select",
            { ...attributes, maxlength: null },
            h("option", { value: "" }, texts.choose),
            ...field.options.map((option) => h("option", { value: option }, option)),
          )
        : h("input", { ...attributes, type: field.type });
  const error = h("p", { class: "field-error", id: `${id}-error`, hidden: true });
  const label = h("label", { for: id }, field.label, field.required && h("span", { "aria-hidden": "true" }, " *"));
  const value = () => (isBox ? ((input as HTMLInputElement).checked ? "true" : "") : input.value.trim());
  const say = (message: string) => {
    error.textContent = message;
    show(error, message !== "");
    input.setAttribute("aria-invalid", String(message !== ""));
  };
  return {
    field,
    input,
    value,
    say,
    fill: (text: string) => {
      if (isBox) (input as HTMLInputElement).checked = text === "true";
      else input.value = text;
    },
    element: isBox
      ? h("div", { class: "field box" }, input, label, error)
      : h("div", { class: "field" }, label, input, error),
    check(): boolean {
      const wrong = wrongWith(field, value(), texts);
      say(wrong);
      return wrong === "";
    },
  };
}

function wrongWith(field: FormField, value: string, texts: Texts): string {
  if (!value) return field.required ? texts.required : "";
  if (field.type === "email" && !EMAIL.test(value)) return texts.badEmail;
  if (field.type === "tel" && !PHONE.test(value)) return texts.badPhone;
  return "";
}
