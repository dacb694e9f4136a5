/** How was it? Five buttons in an ended chat, where the server asks. */
import type { Chat } from "../chat";
import type { Survey } from "../requests";
import { fill, type Texts } from "../texts";
import { h, show } from "./dom";

/** The server decides after the end whether it asks: it is looked for a few times. */
const LOOK_AFTER_MS = [800, 2_500, 6_000, 15_000];

export class SurveyView {
  readonly element: HTMLElement;
  private asked = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly chat: Chat,
    private readonly texts: Texts,
  ) {
    this.element = h("div", { class: "survey", hidden: true });
  }

  /** `ended`: the chat is over, and not merely its token. */
  update(ended: boolean): void {
    if (ended === this.asked) return;
    this.asked = ended;
    clearTimeout(this.timer);
    show(this.element, false);
    if (ended) this.look(0);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private look(attempt: number): void {
    const pause = LOOK_AFTER_MS[attempt];
    if (pause === undefined) return;
    this.timer = setTimeout(() => {
      void this.chat.readSurvey().then((survey) => {
        if (!this.asked) return;
        if (survey) this.ask(survey);
        else this.look(attempt + 1);
      });
    }, pause);
  }

  private ask(survey: Survey): void {
    const note = h("p", { class: "survey-note", role: "status" });
    const buttons = survey.ratings.map((value) =>
      h(
        "button",
        { type: "button", "aria-pressed": "false", "aria-label": fill(this.texts.rate, { value, most: survey.ratings.at(-1) ?? value }), onclick: () => void this.rate(value, survey, buttons, note) },
        String(value),
      ),
    );
    this.element.replaceChildren(h("p", { class: "survey-question" }, survey.question), h("div", { class: "survey-ratings", role: "group", "aria-label": survey.question }, ...buttons), note);
    show(this.element, true);
  }

  private async rate(value: number, survey: Survey, buttons: HTMLButtonElement[], note: HTMLElement): Promise<void> {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.textContent === String(value)));
    note.textContent = (await this.chat.rate(value)) ? survey.thanks : this.texts.failed;
  }
}
