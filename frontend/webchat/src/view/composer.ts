/** The field the customer writes in: grows with its text, Enter sends, Shift+Enter starts a line. */

import { MAX_BODY, type Chat } from "../chat";
import type { Options } from "../options";
import { fill } from "../texts";
import { h, icon, show } from "./dom";

const MAX_HEIGHT_PX = 140;

export class ComposerView {
  readonly element: HTMLFormElement;
  private readonly field: HTMLTextAreaElement;
  private readonly button: HTMLButtonElement;
  private readonly limit: HTMLElement;

  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
  ) {
    const { texts } = options;
    this.field = h("textarea", {
      rows: "1",
      dir: "auto",
      "aria-label": texts.message,
      placeholder: texts.placeholder,
      autocomplete: "off",
      enterkeyhint: "send",
      oninput: () => this.changed(),
      onkeydown: (event: KeyboardEvent) => this.pressed(event),
    });
    this.button = h("button", { type: "submit", class: "send", "aria-label": texts.send, title: texts.send }, icon("send"));
    this.limit = h("p", { class: "limit", role: "alert", hidden: true });
    this.element = h(
      "form",
      { class: "composer", onsubmit: (event: SubmitEvent) => this.submit(event) },
      this.limit,
      h("div", { class: "composer-line" }, this.field, this.button),
    );
    this.fit();
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  private changed(): void {
    this.fit();
    if (this.field.value.trim()) this.chat.notifyTyping();
  }

  private pressed(event: KeyboardEvent): void {
    // While an input method composes a word, Enter picks the word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.element.requestSubmit();
  }

  private submit(event: SubmitEvent): void {
    event.preventDefault();
    const text = this.field.value;
    if (!text.trim() || this.excess() > 0) return;
    this.chat.send(text);
    this.field.value = "";
    this.fit();
    this.focus();
  }

  private excess(): number {
    return this.field.value.trim().length - MAX_BODY;
  }

  private fit(): void {
    const excess = this.excess();
    show(this.limit, excess > 0);
    if (excess > 0) this.limit.textContent = fill(this.options.texts.tooLong, { count: excess });
    this.button.disabled = !this.field.value.trim() || excess > 0;
    this.field.style.height = "auto";
    // A page whose widget is still hidden has no height to measure.
    if (this.field.scrollHeight) {
      this.field.style.height = `${Math.min(this.field.scrollHeight, MAX_HEIGHT_PX)}px`;
      this.field.style.overflowY = this.field.scrollHeight > MAX_HEIGHT_PX ? "auto" : "hidden";
    }
  }
}
