/** The launcher and the panel, in a shadow root of their own. */

import type { Chat } from "../chat";
import { inkOn, type Options } from "../options";
import { chime } from "../sound";
import type { Store } from "../store";
import { fill } from "../texts";
import { unreadCount } from "../timeline";
import { saveFile, transcriptPage, transcriptText } from "../transcript";
import { ComposerView } from "./composer";
import { h, icon, show } from "./dom";
import { questionForm, type Answers, type QuestionForm } from "./form";
import { LogView } from "./log";
import { css } from "./styles";
import { WaitView } from "./wait";
import { SurveyView } from "./survey";

/** The panel then covers the page, so that the keyboard must not leave it; the same as in the styles. */
const FULL_SCREEN = "(max-width: 480px), (max-height: 420px)";
const FOCUSABLE = "button:not(:disabled), a[href], input:not([hidden]), select, textarea, [tabindex='0']";

export class Widget {
  readonly host: HTMLElement;
  private readonly log: LogView;
  private readonly composer: ComposerView;
  private readonly form: QuestionForm | null;
  private readonly leaving: QuestionForm;
  private readonly wait: WaitView;
  private readonly launcher: HTMLButtonElement;
  private readonly badge: HTMLElement;
  private readonly panel: HTMLElement;
  private readonly subtitle: HTMLElement;
  private readonly banner: HTMLElement;
  private readonly shut: HTMLElement;
  private readonly ended: HTMLElement;
  private readonly endedText: HTMLElement;
  private readonly survey: SurveyView;
  private readonly thanks: HTMLElement;
  private readonly menu: HTMLElement;
  private readonly menuButton: HTMLButtonElement;
  private readonly soundButton: HTMLButtonElement;
  private readonly dropzone: HTMLElement;
  private readonly stop: () => void;
  private answers: Answers = {};
  private refused: { field: string; message: string } | null = null;
  private introduced = false;
  private isLeaving = false;
  private isOpen = false;
  private sound: boolean;
  private heard = -1;

  /** Called whenever the panel has opened. */
  onOpen: (() => void) | null = null;

  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
    private readonly store: Pick<Store, "sound" | "saveSound">,
  ) {
    const { texts } = options;
    this.sound = store.sound() ?? options.sound;
    this.log = new LogView(chat, options);
    this.composer = new ComposerView(chat, options);
    this.form = options.form.length
      ? questionForm(options.form, { greeting: options.greeting, submit: texts.startChat, texts }, (answers) => this.begin(answers))
      : null;
    this.leaving = this.leaveForm();
    this.wait = new WaitView(chat, options, () => this.askForMessage(true));
    this.badge = h("span", { class: "badge", hidden: true });
    const picture = options.launcherIcon;
    this.launcher = h(
      "button",
      { type: "button", class: `launcher${options.launcherText ? " worded" : ""}`, "aria-expanded": "false", "aria-controls": "panel", onclick: () => this.toggle() },
      typeof picture === "string" ? icon(picture, "icon-chat") : h("img", { class: "icon icon-chat", src: picture.url, alt: "" }),
      icon("down"),
      options.launcherText && h("span", { class: "launcher-text" }, options.launcherText),
      this.badge,
    );
    this.subtitle = h("p", { class: "subtitle" });
    this.banner = h("p", { class: "banner", role: "status", hidden: true });
    this.shut = h("p", { class: "shut", hidden: true }, icon("clock"), h("span", {}, this.hoursText()));
    this.thanks = h("p", { class: "thanks", role: "status", hidden: true }, texts.messageLeft);
    this.endedText = h("p", {});
    this.survey = new SurveyView(chat, texts);
    this.ended = h(
      "div",
      { class: "ended", hidden: true },
      this.endedText,
      this.survey.element,
      h("button", { type: "button", class: "primary", onclick: () => this.startNew() }, texts.startNew),
    );
    this.menuButton = h(
      "button",
      { type: "button", class: "plain", "aria-label": texts.menu, title: texts.menu, "aria-expanded": "false", "aria-controls": "menu", onclick: () => this.showMenu(this.menu.hidden) },
      icon("more"),
    );
    this.soundButton = h("button", { type: "button", onclick: () => this.toggleSound() });
    this.menu = h(
      "div",
      { class: "menu", id: "menu", hidden: true },
      options.transcript && h("button", { type: "button", class: "saves", onclick: () => this.download(false) }, texts.downloadText),
      options.transcript && h("button", { type: "button", class: "saves", onclick: () => this.download(true) }, texts.downloadPage),
      this.soundButton,
    );
    this.dropzone = h("div", { class: "dropzone", hidden: true, "aria-hidden": "true" }, texts.drop);
    this.panel = h(
      "section",
      { class: "panel", id: "panel", role: "dialog", "aria-labelledby": "title", hidden: true, onkeydown: (event: KeyboardEvent) => this.pressed(event) },
      h(
        "header",
        {},
        h("div", { class: "heading" }, h("h2", { id: "title" }, options.title), this.subtitle),
        this.menuButton,
        h("button", { type: "button", class: "plain", "aria-label": texts.minimize, title: texts.minimize, onclick: () => this.close() }, icon("down")),
        this.menu,
      ),
      this.banner,
      this.shut,
      this.wait.element,
      this.log.element,
      this.form?.element,
      this.leaving.element,
      this.thanks,
      this.composer.element,
      this.ended,
      this.dropzone,
    );
    this.host = h("div", { class: "flowdesk-webchat" });
    const root = this.host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(css)];
    root.append(this.panel, this.launcher);
    this.dress();
    this.panel.addEventListener("click", (event) => {
      if (!event.composedPath().includes(this.menuButton)) this.showMenu(false);
    });
    if (options.files) this.takeDrops();
    this.log.element.addEventListener("reached-end", () => this.update());
    this.log.element.addEventListener("chosen", () => this.composer.focus());
    const seen = () => this.update();
    document.addEventListener("visibilitychange", seen);
    const unsubscribe = chat.subscribe(() => this.update());
    this.stop = () => {
      unsubscribe();
      document.removeEventListener("visibilitychange", seen);
      this.wait.stop();
    };
    this.update();
  }

  open(takeFocus = true): void {
    if (this.isOpen) return;
    this.isOpen = true;
    show(this.panel, true);
    this.host.toggleAttribute("data-open", true);
    this.panel.toggleAttribute("aria-modal", false);
    if (matchMedia(FULL_SCREEN).matches) this.panel.setAttribute("aria-modal", "true");
    this.update();
    this.log.scrollToEnd();
    if (takeFocus) this.focusFirst();
    this.onOpen?.();
  }

  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    show(this.panel, false);
    this.host.toggleAttribute("data-open", false);
    this.update();
    this.launcher.focus({ preventScroll: true });
  }

  toggle(): void {
    if (this.isOpen) this.close();
    else this.open();
  }

  /** Take it off the page. */
  destroy(): void {
    this.stop();
    this.survey.stop();
    this.host.remove();
  }

  private update(): void {
    const { state } = this.chat;
    const { texts, hours } = this.options;
    const over = state.phase === "closed" || state.phase === "expired";
    const fresh = state.phase === "idle" && !state.timeline.outgoing.length;
    if (state.refused && state.refused !== this.refused) this.introduced = false;
    const isShut = !hours.open && state.phase === "idle";
    const mustLeave = isShut && hours.mode === "message" && fresh;
    const leaving = !over && !state.left && (this.isLeaving || mustLeave);
    const asking = this.form !== null && !this.introduced && !leaving && (fresh || (state.phase === "idle" && state.refused !== null));
    const silent = isShut && hours.mode === "closed";
    show(this.shut, isShut);
    show(this.log.element, !asking && !leaving);
    if (this.form) show(this.form.element, asking && !silent);
    show(this.leaving.element, leaving);
    show(this.composer.element, !asking && !leaving && !over && !silent);
    show(this.thanks, state.left && !over);
    show(this.ended, over);
    this.survey.update(state.phase === "closed");
    this.endedText.textContent = state.phase === "expired" ? texts.expired : texts.closed;
    this.subtitle.textContent = state.agent && !over ? fill(texts.withName, { name: state.agent }) : "";
    this.wait.update(this.isLeaving);
    const hasMessages = state.timeline.messages.length > 0;
    for (const button of this.menu.querySelectorAll<HTMLElement>(".saves")) show(button, hasMessages);
    this.soundButton.textContent = this.sound ? texts.soundOff : texts.soundOn;
    this.log.update();
    this.updateBanner();
    if (state.refused !== this.refused) {
      this.refused = state.refused;
      if (state.refused) this.form?.refuse(state.refused.field, state.refused.message);
    }
    const seen = this.isOpen && document.visibilityState === "visible" && this.log.isAtEnd();
    const unread = unreadCount(state.timeline, state.readIndex);
    this.ring(seen);
    if (seen && unread) return this.chat.markRead();
    this.updateLauncher(this.isOpen ? 0 : unread);
  }

  /** Sound for what came while nobody was looking; what was there at the beginning is no news. */
  private ring(seen: boolean): void {
    const newest = this.chat.state.timeline.messages.findLast((message) => !message.own);
    const index = newest?.index ?? -1;
    const isNews = index > this.heard && index > this.chat.state.readIndex && Date.now() - (newest?.sentAt.getTime() ?? 0) < 60_000;
    this.heard = Math.max(this.heard, index);
    if (isNews && this.sound && !seen) chime();
  }

  private updateBanner(): void {
    const { connection, error, phase, timeline } = this.chat.state;
    const { texts } = this.options;
    const waits = phase === "active" || timeline.outgoing.some((entry) => entry.status === "sending");
    const text = error ?? (waits && connection === "lost" ? texts.offline : "");
    this.banner.textContent = text;
    this.banner.classList.toggle("error", error !== null);
    show(this.banner, text !== "");
  }

  private updateLauncher(unread: number): void {
    const { texts, launcherText } = this.options;
    const action = this.isOpen ? texts.close : launcherText || texts.open;
    const label = unread ? `${action}, ${fill(texts.unread, { count: unread })}` : action;
    this.launcher.setAttribute("aria-label", label);
    this.launcher.setAttribute("aria-expanded", String(this.isOpen));
    this.badge.textContent = unread > 99 ? "99+" : String(unread);
    show(this.badge, unread > 0);
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key === "Tab") return this.keepFocus(event);
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (this.menu.hidden) return this.close();
    this.showMenu(false);
    this.menuButton.focus();
  }

  /** A panel that covers the page is left by its own buttons only. */
  private keepFocus(event: KeyboardEvent): void {
    if (!matchMedia(FULL_SCREEN).matches) return;
    const stops = [...this.panel.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((element) => !element.closest("[hidden]"));
    const [first, last] = [stops[0], stops.at(-1)];
    const active = this.host.shadowRoot?.activeElement;
    if (event.shiftKey ? active !== first : active !== last) return;
    event.preventDefault();
    (event.shiftKey ? last : first)?.focus();
  }

  private focusFirst(): void {
    const field = this.panel.querySelector<HTMLElement>(
      "form:not([hidden]) :is(input:not([type=file]), textarea, select), .ended:not([hidden]) button",
    );
    (field ?? this.panel.querySelector<HTMLElement>("header .plain:last-of-type"))?.focus({ preventScroll: true });
  }

  private begin(answers: Answers): void {
    this.introduced = true;
    this.answers = answers;
    this.chat.introduce(answers);
    const failed = this.chat.state.timeline.outgoing.filter((entry) => entry.status === "failed");
    const question = answers["question"] ?? answers["message"];
    if (failed.length) failed.forEach((entry) => this.chat.retry(entry.ref));
    else if (question) this.chat.send(question);
    this.update();
    this.composer.focus();
  }

  /** The form of a message that is left: the admin's own questions, how to reach the customer, and the message. */
  private leaveForm(): QuestionForm {
    const { texts, hours } = this.options;
    const isShut = !hours.open;
    const asked = isShut ? this.options.form.filter((field) => field.name !== "question" && field.name !== "message") : [];
    const contact = { name: "contact", label: texts.contact, type: "text", required: true, options: [] } as const;
    const message = { name: "left_message", label: texts.yourMessage, type: "textarea", required: true, options: [] } as const;
    const back = h("button", { type: "button", class: "link", onclick: () => this.askForMessage(false) }, texts.keepWaiting);
    const isReachable = asked.some((field) => field.type === "email" || field.type === "tel");
    return questionForm(
      [...asked, ...(isReachable ? [] : [contact]), message],
      { greeting: texts.leaveText, submit: texts.send, texts },
      ({ left_message: body = "", contact: how, ...answers }) => {
        if (isShut) this.chat.introduce(answers);
        this.introduced = true;
        this.isLeaving = false;
        this.chat.send(body, { contact: how ?? answers["email"] ?? answers["phone"] ?? "" });
        this.update();
        this.focusFirst();
      },
      isShut ? undefined : back,
    );
  }

  private askForMessage(yes: boolean): void {
    this.isLeaving = yes;
    const known = this.answers["email"] ?? this.answers["phone"];
    if (known) this.leaving.fill({ contact: known });
    this.update();
    this.focusFirst();
  }

  private hoursText(): string {
    const { texts, hours, language } = this.options;
    const says = hours.text || texts.shut;
    if (!hours.opensAt) return says;
    const time = hours.opensAt.toLocaleString(language, { weekday: "long", hour: "numeric", minute: "2-digit" });
    return `${says} ${fill(texts.opensAt, { time })}`;
  }

  private takeDrops(): void {
    const holdsFiles = (event: DragEvent) => Boolean(event.dataTransfer?.types.includes("Files")) && !this.composer.element.hidden;
    this.panel.addEventListener("dragover", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      show(this.dropzone, true);
    });
    this.panel.addEventListener("dragleave", (event) => {
      if (!this.panel.contains(event.relatedTarget as Node | null)) show(this.dropzone, false);
    });
    this.panel.addEventListener("drop", (event) => {
      show(this.dropzone, false);
      if (!holdsFiles(event)) return;
      event.preventDefault();
      this.composer.addFiles([...(event.dataTransfer?.files ?? [])]);
    });
  }

  private showMenu(visible: boolean): void {
    show(this.menu, visible);
    this.menuButton.setAttribute("aria-expanded", String(visible));
    if (visible) this.menu.querySelector<HTMLElement>("button:not([hidden])")?.focus();
  }

  private toggleSound(): void {
    this.sound = !this.sound;
    this.store.saveSound(this.sound);
    if (this.sound) chime();
    this.showMenu(false);
    this.menuButton.focus();
    this.update();
  }

  private startNew(): void {
    this.introduced = false;
    this.isLeaving = false;
    this.chat.restart();
    this.form?.fill(this.answers);
    this.focusFirst();
  }

  private download(asPage: boolean): void {
    const { texts, title } = this.options;
    const { timeline } = this.chat.state;
    const name = `chat-${new Date().toISOString().slice(0, 10)}`;
    if (asPage) saveFile(`${name}.html`, transcriptPage(timeline, texts, title), "text/html");
    else saveFile(`${name}.txt`, transcriptText(timeline, texts, title), "text/plain");
    this.showMenu(false);
    this.menuButton.focus();
  }

  private dress(): void {
    const { accent, direction, position, theme } = this.options;
    this.host.setAttribute("data-position", position);
    this.host.setAttribute("data-theme", theme);
    this.host.setAttribute("lang", this.options.language);
    const page = getComputedStyle(document.documentElement).direction;
    this.host.setAttribute("dir", direction ?? (page === "rtl" ? "rtl" : "ltr"));
    if (!accent) return;
    // Through the object model, which a page's content policy does not restrict.
    this.host.style.setProperty("--accent", accent);
    this.host.style.setProperty("--on-accent", inkOn(accent));
  }
}

function sheet(text: string): CSSStyleSheet {
  const result = new CSSStyleSheet();
  result.replaceSync(text);
  return result;
}
