/** The launcher and the panel, in a shadow root of their own. */

import type { Chat } from "../chat";
import { inkOn, type Options } from "../options";
import { fill } from "../texts";
import { saveFile, transcriptText } from "../transcript";
import { unreadCount } from "../timeline";
import { ComposerView } from "./composer";
import { h, icon, show } from "./dom";
import { preEngagementForm } from "./form";
import { LogView } from "./log";
import { css } from "./styles";

export class Widget {
  readonly host: HTMLElement;
  private readonly log: LogView;
  private readonly composer: ComposerView;
  private readonly form: HTMLFormElement | null;
  private readonly launcher: HTMLButtonElement;
  private readonly badge: HTMLElement;
  private readonly panel: HTMLElement;
  private readonly subtitle: HTMLElement;
  private readonly banner: HTMLElement;
  private readonly ended: HTMLElement;
  private readonly endedText: HTMLElement;
  private readonly menu: HTMLElement;
  private readonly menuButton: HTMLButtonElement;
  private introduced = false;
  private isOpen = false;

  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
  ) {
    const { texts } = options;
    this.log = new LogView(chat, options);
    this.composer = new ComposerView(chat, options);
    this.form = options.form.length
      ? preEngagementForm(options, (answers) => {
          this.introduced = true;
          chat.introduce(answers);
          const question = answers["question"] ?? answers["message"];
          if (question) chat.send(question);
          this.update();
          this.composer.focus();
        })
      : null;
    this.badge = h("span", { class: "badge", hidden: true });
    this.launcher = h(
      "button",
      { type: "button", class: "launcher", "aria-expanded": "false", "aria-controls": "panel", onclick: () => this.toggle() },
      icon("chat"),
      icon("down"),
      this.badge,
    );
    this.subtitle = h("p", { class: "subtitle" });
    this.banner = h("p", { class: "banner", role: "status", hidden: true });
    this.endedText = h("p", {});
    this.ended = h(
      "div",
      { class: "ended", hidden: true },
      this.endedText,
      h("button", { type: "button", class: "primary", onclick: () => this.startNew() }, texts.startNew),
    );
    this.menuButton = h(
      "button",
      { type: "button", class: "plain", "aria-label": texts.menu, title: texts.menu, "aria-expanded": "false", "aria-controls": "menu", onclick: () => this.showMenu(this.menu.hidden) },
      icon("more"),
    );
    this.menu = h(
      "div",
      { class: "menu", id: "menu", hidden: true },
      h("button", { type: "button", onclick: () => this.download() }, texts.download),
    );
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
      this.log.element,
      this.form,
      this.composer.element,
      this.ended,
    );
    this.host = h("div", { class: "flowdesk-webchat" });
    const root = this.host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet(css)];
    root.append(this.panel, this.launcher);
    this.dress();
    this.panel.addEventListener("click", (event) => {
      if (!event.composedPath().includes(this.menuButton)) this.showMenu(false);
    });
    this.log.element.addEventListener("reached-end", () => this.update());
    document.addEventListener("visibilitychange", () => this.update());
    chat.subscribe(() => this.update());
    this.update();
  }

  open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    show(this.panel, true);
    this.host.toggleAttribute("data-open", true);
    this.update();
    this.log.scrollToEnd();
    this.focusFirst();
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

  private update(): void {
    const { state } = this.chat;
    const { texts } = this.options;
    const over = state.phase === "closed" || state.phase === "expired";
    const asking = this.form !== null && !this.introduced && state.phase === "idle" && !state.timeline.outgoing.length;
    show(this.log.element, !asking);
    if (this.form) show(this.form, asking);
    show(this.composer.element, !asking && !over);
    show(this.ended, over);
    this.endedText.textContent = state.phase === "expired" ? texts.expired : texts.closed;
    this.subtitle.textContent = state.agent && !over ? fill(texts.withName, { name: state.agent }) : "";
    show(this.menuButton, state.timeline.messages.length > 0);
    this.log.update();
    this.updateBanner();
    const seen = this.isOpen && document.visibilityState === "visible" && this.log.isAtEnd();
    const unread = unreadCount(state.timeline, state.readIndex);
    if (seen && unread) return this.chat.markRead();
    this.updateLauncher(this.isOpen ? 0 : unread);
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
    const { texts } = this.options;
    const action = this.isOpen ? texts.close : texts.open;
    const label = unread ? `${action}, ${fill(texts.unread, { count: unread })}` : action;
    this.launcher.setAttribute("aria-label", label);
    this.launcher.setAttribute("aria-expanded", String(this.isOpen));
    this.badge.textContent = unread > 99 ? "99+" : String(unread);
    show(this.badge, unread > 0);
  }

  private pressed(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    event.stopPropagation();
    if (this.menu.hidden) return this.close();
    this.showMenu(false);
    this.menuButton.focus();
  }

  private focusFirst(): void {
    const field = this.panel.querySelector<HTMLElement>("form:not([hidden]) :is(input, textarea), .ended:not([hidden]) button");
    field?.focus({ preventScroll: true });
  }

  private showMenu(visible: boolean): void {
    show(this.menu, visible);
    this.menuButton.setAttribute("aria-expanded", String(visible));
    if (visible) this.menu.querySelector("button")?.focus();
  }

  private startNew(): void {
    this.introduced = false;
    this.chat.restart();
    this.focusFirst();
  }

  private download(): void {
    const { texts, title } = this.options;
    const day = new Date().toISOString().slice(0, 10);
    saveFile(`chat-${day}.txt`, transcriptText(this.chat.state.timeline, texts, title));
    this.showMenu(false);
    this.menuButton.focus();
  }

  private dress(): void {
    const { accent, direction, position, theme } = this.options;
    this.host.setAttribute("data-position", position);
    this.host.setAttribute("data-theme", theme);
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
