/** What a customer sees while somebody is looked for: the place in the queue, and the way out of it. */

import type { Chat } from "../chat";
import type { Options } from "../options";
import { fill, type Texts } from "../texts";
import { h, icon, show } from "./dom";

export class WaitView {
  readonly element: HTMLElement;
  private readonly text: HTMLElement;
  private readonly leave: HTMLButtonElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isHidden = false;

  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
    onLeave: () => void,
  ) {
    this.text = h("span", { role: "status" });
    this.leave = h("button", { type: "button", class: "link", hidden: true, onclick: onLeave }, options.texts.leaveMessage);
    this.element = h("div", { class: "wait", hidden: true }, icon("clock"), h("div", {}, this.text, this.leave));
  }

  /** `isHidden`: something else is on the screen instead. */
  update(isHidden: boolean): void {
    this.isHidden = isHidden;
    clearTimeout(this.timer);
    const { queue, left, agent } = this.chat.state;
    const { leaveMessageAfter, showQueue, texts } = this.options;
    const waits = queue !== null && !left && !agent;
    const dueIn = waits && leaveMessageAfter !== null ? queue.since.getTime() + leaveMessageAfter * 1000 - Date.now() : Infinity;
    const isLong = dueIn <= 0;
    if (!isLong && dueIn !== Infinity) this.timer = setTimeout(() => this.update(this.isHidden), Math.min(dueIn, 60_000) + 50);
    const text = waits ? [isLong ? texts.nobody : "", showQueue ? placeText(queue, texts) : ""].filter(Boolean).join(" ") : "";
    if (this.text.textContent !== text) this.text.textContent = text;
    show(this.leave, isLong);
    show(this.element, text !== "" && !isHidden);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

/** Where the customer stands and how long it takes, as far as anybody knows. */
export function placeText({ ahead, expected }: { ahead: number | null; expected: number | null }, texts: Texts): string {
  const place =
    ahead === null ? texts.waiting : ahead === 0 ? texts.next : ahead === 1 ? texts.aheadOne : fill(texts.ahead, { count: ahead });
  if (!ahead || expected === null) return place;
  const wait = expected < 60 ? texts.expectedSoon : fill(texts.expected, { count: Math.round(expected / 60) });
  return `${place} ${wait}`;
}
