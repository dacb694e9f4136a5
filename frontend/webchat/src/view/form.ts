/** The questions before the chat. */

import type { FormField, Options } from "../options";
import { h, show } from "./dom";

/** What was filled in, by field name; empty fields left out. */
export type Answers = Record<string, string>;

const AUTOCOMPLETE: Record<string, string> = { name: "name", email: "email", phone: "tel" };

/** A form that calls `onSubmit` once every required field is filled in. */
export function preEngagementForm(options: Options, onSubmit: (answers: Answers) => void): HTMLFormElement {
  const { texts } = options;
  const rows = options.form.map((field) => fieldRow(field, options));
  return h(
    "form",
    {
      class: "form",
      novalidate: true,
      onsubmit: (event: SubmitEvent) => {
        event.preventDefault();
        const wrong = rows.filter((row) => !row.check());
        if (wrong[0]) return wrong[0].input.focus();
        onSubmit(
          Object.fromEntries(rows.map((row) => [row.field.name, row.input.value.trim()]).filter(([, value]) => value)),
        );
      },
    },
    h("p", { class: "form-greeting" }, options.greeting),
    ...rows.map((row) => row.element),
    h("button", { type: "submit", class: "primary" }, texts.startChat),
  );
}

function fieldRow(field: FormField, { texts }: Options) {
  const id = `field-${field.name}`;
  const attributes = {
    id,
    name: field.name,
    "aria-describedby": `${id}-error`,
    "aria-required": String(field.required),
    autocomplete: AUTOCOMPLETE[field.name] ?? "off",
    maxlength: "1000",
    dir: "auto",
  };
  const input =
    field.kind === "textarea"
      ? h("textarea", { ...attributes, rows: "3" })
      : h("input", { ...attributes, type: field.kind });
  const error = h("p", { class: "field-error", id: `${id}-error`, hidden: true });
  const label = h("label", { for: id }, field.label, field.required && h("span", { "aria-hidden": "true" }, " *"));
  return {
    field,
    input,
    element: h("div", { class: "field" }, label, input, error),
    check(): boolean {
      const value = input.value.trim();
      const wrong =
        field.required && !value
          ? texts.required
          : field.kind === "email" && value && !/^\S+@\S+\.\S+$/.test(value)
            ? texts.badEmail
            : "";
      error.textContent = wrong;
      show(error, wrong !== "");
      input.setAttribute("aria-invalid", String(wrong !== ""));
      return wrong === "";
    },
  };
}
