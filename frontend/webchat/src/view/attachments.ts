/** The files that go along with the next message: picked, dropped or pasted; each with its progress. */

import type { Chat } from "../chat";
import { refusalOf, sizeText } from "../files";
import type { Options } from "../options";
import { fill } from "../texts";
import type { Media } from "../timeline";
import { h, icon, show } from "./dom";

const MOST = 10;

type Chip = { element: HTMLElement; media: Media | null; cancel: () => void };

export class Attachments {
  readonly element: HTMLElement;
  /** Opens the browser's own picker. */
  readonly picker: HTMLInputElement;
  private chips: Chip[] = [];

  constructor(
    private readonly chat: Chat,
    private readonly options: Options,
    private readonly onChange: () => void,
    /** Called with what is wrong; "" takes it back. */
    private readonly onRefusal: (text: string) => void,
  ) {
    this.element = h("ul", { class: "chips", hidden: true });
    this.picker = h("input", {
      type: "file",
      multiple: true,
      hidden: true,
      accept: options.files?.types.join(",") ?? "",
      onchange: () => {
        this.add([...(this.picker.files ?? [])]);
        this.picker.value = "";
      },
    });
  }

  get isEmpty(): boolean {
    return this.chips.length === 0;
  }

  get isBusy(): boolean {
    return this.chips.some((chip) => chip.media === null);
  }

  /** Take files along, and begin to send their bytes. */
  add(files: readonly File[]): void {
    const { files: rules, texts } = this.options;
    if (!rules || !files.length) return;
    this.onRefusal("");
    for (const file of files) {
      if (this.chips.length >= MOST) return this.onRefusal(fill(texts.tooManyFiles, { count: MOST }));
      const refusal = refusalOf(file, rules, texts);
      if (refusal) this.onRefusal(refusal);
      else void this.begin(file);
    }
  }

  /** Hand out what is here, and be empty again. */
  take(): readonly Media[] {
    const media = this.chips.map((chip) => chip.media).filter((item) => item !== null);
    for (const chip of this.chips) chip.element.remove();
    this.chips = [];
    this.changed();
    return media;
  }

  private async begin(file: File): Promise<void> {
    const { texts } = this.options;
    const bar = h("progress", { max: "1", value: "0", "aria-label": fill(texts.uploading, { name: file.name }) });
    const chip: Chip = { element: document.createElement("li"), media: null, cancel: () => undefined };
    const remove = h(
      "button",
      { type: "button", class: "chip-remove", "aria-label": fill(texts.removeFile, { name: file.name }), onclick: () => this.remove(chip, true) },
      icon("close"),
    );
    chip.element = h(
      "li",
      { class: "chip" },
      icon("file"),
      h("span", { class: "chip-name" }, file.name),
      h("span", { class: "chip-size" }, sizeText(file.size)),
      remove,
      bar,
    );
    this.chips.push(chip);
    this.element.append(chip.element);
    this.changed();
    try {
      const part = (value: number) => (bar.value = value);
      chip.media = await this.chat.uploadFile(file, part, (cancel) => (chip.cancel = cancel));
      bar.remove();
      this.changed();
    } catch (error) {
      const known = this.chips.includes(chip);
      this.remove(chip, false);
      if (known && error instanceof Error && error.message) this.onRefusal(error.message);
    }
  }

  private remove(chip: Chip, stop: boolean): void {
    this.chips = this.chips.filter((each) => each !== chip);
    if (stop) chip.cancel();
    chip.element.remove();
    this.changed();
  }

  private changed(): void {
    show(this.element, this.chips.length > 0);
    this.onChange();
  }
}
