/** The list of messages: draws what changed, keeps the reading position, announces news politely. */

import type { Chat } from "../chat";
import { sizeText } from "../files";
import { safeUrl, splitLinks } from "../links";
import type { Options } from "../options";
import { fill } from "../texts";
import { entriesOf, offersOf, type Entry, type Media, type Message, type Outgoing } from "../timeline";
import { h, icon, show } from "./dom";

const NEAR_END_PX = 48;
const GROUP_WITHIN_MS = 5 * 60_000;

type Row = { element: HTMLElement; signature: string };

export class LogView {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;
  private readonly typing: HTMLElement;
  private readonly offers: HTMLElement;
  private readonly pill: HTMLButtonElement;
  private readonly scroller: HTMLElement;
  private readonly rows = new Map<string, Row>();
  private atEnd = true;

  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
  ) {
    const { texts } = options;
    this.list = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": texts.log });
    this.typing = h("div", { class: "typing", role: "status", hidden: true });
    this.offers = h("div", { class: "offers", role: "group", "aria-label": texts.suggestions, hidden: true });
    this.pill = h("button", { type: "button", class: "pill", hidden: true, onclick: () => this.scrollToEnd() }, texts.newMessages);
    // Focusable, so that the keyboard can scroll it.
    this.scroller = h("div", { class: "scroller", tabindex: "0", onscroll: () => this.noticeScroll() }, this.list, this.offers, this.typing);
    this.element = h("div", { class: "log-frame" }, this.scroller, this.pill);
    new ResizeObserver(() => this.atEnd && this.scrollToEnd()).observe(this.scroller);
  }

  /** Bring the list up to the chat's state. Only rows that differ are touched. */
  update(): void {
    const { timeline, typing } = this.chat.state;
    const entries = entriesOf(timeline);
    const wanted: [string, Entry, Entry | undefined][] = entries.map((entry, at) => [keyOf(entry), entry, entries[at - 1]]);
    const keep = new Set(wanted.map(([key]) => key));
    for (const [key, row] of this.rows) {
      if (keep.has(key)) continue;
      row.element.remove();
      this.rows.delete(key);
    }
    let position: Element | null = this.greeting(entries.length === 0);
    let grew = false;
    for (const [key, entry, before] of wanted) {
      const signature = signatureOf(entry, before);
      const known = this.rows.get(key);
      let element = known?.element;
      if (!element || known?.signature !== signature) {
        const drawn = this.draw(entry, before);
        if (element) element.replaceWith(drawn);
        else grew = true;
        element = drawn;
        this.rows.set(key, { element, signature });
      }
      const next: Element | null = position ? position.nextElementSibling : this.list.firstElementChild;
      if (next !== element) this.list.insertBefore(element, next);
      position = element;
    }
    this.updateOffers();
    this.updateSeen(entries);
    show(this.typing, typing !== null);
    if (typing !== null) this.drawTyping(typing);
    const own = entries.at(-1);
    const wrote = grew && own?.kind === "outgoing";
    if (this.atEnd || wrote) this.scrollToEnd();
    else if (grew) show(this.pill, true);
  }

  scrollToEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.atEnd = true;
    show(this.pill, false);
  }

  /** The end of the list is on the screen. */
  isAtEnd(): boolean {
    return this.atEnd;
  }

  /** The buttons of the newest message; gone once the customer has said something. */
  private updateOffers(): void {
    const { phase, timeline } = this.chat.state;
    const offered = phase === "active" ? offersOf(timeline) : [];
    const signature = JSON.stringify([timeline.messages.length, offered]);
    if (this.offers.getAttribute("data-signature") === signature) return;
    this.offers.setAttribute("data-signature", signature);
    const choose = (title: string, payload: string) => () => {
      this.chat.send(title, { payload });
      this.element.dispatchEvent(new Event("chosen"));
    };
    this.offers.replaceChildren(
      ...offered.map(({ title, payload }) =>
        h("button", { type: "button", class: "offer", dir: "auto", onclick: choose(title, payload) }, title),
      ),
    );
    show(this.offers, offered.length > 0);
  }

  /** Below the customer's newest message: how far it got. */
  private updateSeen(entries: readonly Entry[]): void {
    const { agentRead } = this.chat.state;
    const { texts } = this.options;
    const last = entries.findLast((entry) => entry.kind === "message" && entry.own) as Message | undefined;
    for (const mark of this.list.querySelectorAll<HTMLElement>(".seen")) {
      const text = last && mark.dataset["index"] === String(last.index) ? (agentRead >= last.index ? texts.read : texts.sent) : "";
      if (mark.textContent !== text) mark.textContent = text;
    }
  }

  private noticeScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const was = this.atEnd;
    this.atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (!this.atEnd) return;
    show(this.pill, false);
    if (!was) this.element.dispatchEvent(new Event("reached-end"));
  }

  private greeting(alone: boolean): HTMLElement {
    let element = this.list.querySelector<HTMLElement>(".greeting");
    if (!element) {
      element = h("div", { class: "greeting", dir: "auto" }, this.options.greeting);
      this.list.prepend(element);
    }
    element.classList.toggle("alone", alone);
    return element;
  }

  private drawTyping(name: string): void {
    const text = fill(this.options.texts.typing, { name });
    if (this.typing.getAttribute("data-text") === text) return;
    this.typing.setAttribute("data-text", text);
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.typing.replaceChildren(dots, h("span", { class: "typing-text" }, text));
  }

  private draw(entry: Entry, before: Entry | undefined): HTMLElement {
    if (entry.kind === "note") return h("div", { class: "row note" }, entry.text);
    const row = entry.kind === "message" ? this.drawMessage(entry, before) : this.drawOutgoing(entry);
    const day = startsDay(entry, before);
    return day ? h("div", { class: "dayed" }, h("div", { class: "day" }, dayName(entry.sentAt, this.options)), row) : row;
  }

  private drawMessage(message: Message, before: Entry | undefined): HTMLElement {
    const { texts } = this.options;
    if (message.source === "system") return h("div", { class: "row note" }, message.body);
    const follows = isFollowing(message, before);
    const name = message.own ? texts.you : message.authorName || texts.bot;
    return h(
      "div",
      { class: `row ${message.own ? "own" : "other"}${follows ? " follows" : ""}` },
      follows
        ? h("span", { class: "heard" }, `${name}:`)
        : h("div", { class: message.own ? "heard" : "author" }, name),
      message.body && bubble(message.body),
      ...message.media.map((media) => this.drawMedia(media)),
      h(
        "div",
        { class: "time" },
        h("time", { datetime: message.sentAt.toISOString() }, timeOf(message.sentAt, this.options)),
        message.own && h("span", { class: "seen", "data-index": String(message.index) }),
      ),
    );
  }

  private drawOutgoing(entry: Outgoing): HTMLElement {
    const { texts } = this.options;
    const failed = entry.status === "failed";
    return h(
      "div",
      { class: `row own ${entry.status}` },
      entry.body && bubble(entry.body),
      ...(entry.media ?? []).map((media) => this.drawMedia(media)),
      failed
        ? h(
            "div",
            { class: "failure", role: "alert" },
            h("span", {}, entry.error ? `${texts.failed} ${entry.error}` : texts.failed),
            this.chat.state.phase === "active" || this.chat.state.phase === "idle"
              ? h("button", { type: "button", class: "link", onclick: () => this.chat.retry(entry.ref) }, texts.retry)
              : null,
            h("button", { type: "button", class: "link", onclick: () => this.chat.discard(entry.ref) }, texts.discard),
          )
        : h("span", { class: "time" }, texts.sending),
    );
  }

  private drawMedia(media: Media): HTMLElement | null {
    const { texts } = this.options;
    const name = media.filename || texts.attachment;
    if (media.state === "pending" || media.state === "failed") {
      const text = fill(media.state === "failed" ? texts.fileMissing : texts.filePending, { name });
      return h("div", { class: "attachment" }, icon("file"), h("span", {}, text));
    }
    const url = safeUrl(media.url, `${this.options.server}/`);
    if (!url) return null;
    const link = { href: url, target: "_blank", rel: "noopener noreferrer" };
    if (/^image\/(png|jpe?g|gif|webp|avif)$/i.test(media.content_type)) {
      const image = h("img", { src: url, alt: name, loading: "lazy", onload: () => this.atEnd && this.scrollToEnd() });
      return h("a", { ...link, class: "picture" }, image);
    }
    const size = media.size ? h("small", {}, sizeText(media.size)) : null;
    return h("a", { ...link, class: "attachment" }, icon("file"), h("span", {}, name), size);
  }
}

/** A message's text, addresses as links, everything as text. */
export function bubble(body: string): HTMLElement {
  const element = h("div", { class: "bubble", dir: "auto" });
  for (const { text, href } of splitLinks(body)) {
    element.append(href ? h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, text) : text);
  }
  if (/^(?:\p{Extended_Pictographic}|\p{Emoji_Component}){1,12}$/u.test(body) && /\p{Extended_Pictographic}/u.test(body)) {
    element.classList.add("emoji");
  }
  return element;
}

/** One's own message keeps its row when it turns from outgoing to stored, so nothing flickers. */
function keyOf(entry: Entry): string {
  if (entry.kind === "note") return `n${entry.id}`;
  if (entry.kind === "outgoing") return `r${entry.ref}`;
  return entry.ref ? `r${entry.ref}` : `m${entry.index}`;
}

function signatureOf(entry: Entry, before: Entry | undefined): string {
  if (entry.kind === "note") return entry.text;
  const place = `${startsDay(entry, before)}`;
  if (entry.kind === "outgoing") return `${place}|${entry.status}|${entry.error}`;
  const { index, body, authorName, media } = entry;
  return [place, isFollowing(entry, before), index, authorName, media.map((item) => item.state).join(), entry.sentAt.getTime(), body].join("|");
}

function isFollowing(message: Message, before: Entry | undefined): boolean {
  return (
    before?.kind === "message" &&
    before.source !== "system" &&
    before.own === message.own &&
    before.authorName === message.authorName &&
    !startsDay(message, before) &&
    message.sentAt.getTime() - before.sentAt.getTime() < GROUP_WITHIN_MS
  );
}

function startsDay(entry: Message | Outgoing, before: Entry | undefined): boolean {
  if (!before || before.kind === "note") return before === undefined && !isToday(entry.sentAt);
  return before.sentAt.toDateString() !== entry.sentAt.toDateString();
}

function isToday(date: Date): boolean {
  return date.toDateString() === new Date().toDateString();
}

function dayName(date: Date, { texts, language }: Options): string {
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  if (isToday(date)) return texts.today;
  if (date.toDateString() === yesterday.toDateString()) return texts.yesterday;
  return date.toLocaleDateString(language, { weekday: "long", day: "numeric", month: "long" });
}

function timeOf(date: Date, { language }: Options): string {
  return date.toLocaleTimeString(language, { hour: "numeric", minute: "2-digit" });
}
