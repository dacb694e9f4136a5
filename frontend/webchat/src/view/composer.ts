/** The field the customer writes in: grows with its text, Enter sends, Shift+Enter starts a line; files go along. */

import { MAX_BODY, type Chat } from "../chat";
import type { Options } from "../options";
import { fill } from "../texts";
import { Attachments } from "./attachments";
import { h, icon, show } from "./dom";

const MAX_HEIGHT_PX = 140;

export class ComposerView {
  readonly element: HTMLFormElement;
  private readonly field: HTMLTextAreaElement;
  private readonly button: HTMLButtonElement;
  private readonly limit: HTMLElement;
  private readonly attachments: Attachments;
  private refusal = "";

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
      onpaste: (event: ClipboardEvent) => this.pasted(event),
    });
    this.attachments = new Attachments(
      chat,
      options,
      () => this.fit(),
      (text) => {
        this.refusal = text;
        this.fit();
      },
    );
    this.button = h("button", { type: "submit", class: "send", "aria-label": texts.send, title: texts.send }, icon("send"));
    this.limit = h("p", { class: "limit", role: "alert", hidden: true });
    this.element = h(
      "form",
      { class: "composer", onsubmit: (event: SubmitEvent) => this.submit(event) },
      this.limit,
      this.attachments.element,
      h(
        "div",
        { class: "composer-line" },
        options.files &&
          h(
            "button",
            { type: "button", class: "attach", "aria-label": texts.attach, title: texts.attach, onclick: () => this.attachments.picker.click() },
            icon("clip"),
          ),
        options.files && this.attachments.picker,
        this.field,
        this.button,
      ),
    );
    this.fit();
  }

  focus(): void {
    this.field.focus({ preventScroll: true });
  }

  /** Take dropped files along. */
  addFiles(files: readonly File[]): void {
    this.attachments.add(files);
    this.focus();
  }

  private pasted(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || !this.options.files) return;
    event.preventDefault();
    this.attachments.add(files);
  }

  private changed(): void {
    this.refusal = "";
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
    if (!this.canSend()) return;
    const media = this.attachments.take();
    this.chat.send(text, media.length ? { media } : {});
    this.field.value = "";
    this.fit();
    this.focus();
  }

  private excess(): number {
    return this.field.value.trim().length - MAX_BODY;
  }

  private canSend(): boolean {
    const hasSomething = this.field.value.trim() !== "" || !this.attachments.isEmpty;
    return hasSomething && !this.attachments.isBusy && this.excess() <= 0;
  }

  private fit(): void {
    const excess = this.excess();
    const wrong = excess > 0 ? fill(this.options.texts.tooLong, { count: excess }) : this.refusal;
    if (this.limit.textContent !== wrong) this.limit.textContent = wrong;
    show(this.limit, wrong !== "");
    this.button.disabled = !this.canSend();
    this.field.style.height = "auto";
    // A page whose widget is still hidden has no height to measure.
    if (this.field.scrollHeight) {
      this.field.style.height = `${Math.min(this.field.scrollHeight, MAX_HEIGHT_PX)}px`;
      this.field.style.overflowY = this.field.scrollHeight > MAX_HEIGHT_PX ? "auto" : "hidden";
    }
  }
}
