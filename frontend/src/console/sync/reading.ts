/** Reads transcripts: the newest page, older ones, and what is missing behind the last index that is complete. */
import type { Message } from "../../api/types";
import type { Requests } from "../api/requests";
import * as transcripts from "../core/transcript";
import { PAGE_SIZE } from "../core/transcript";
import { messageOf } from "./failures";
import type { Store } from "./store";

/** Pages for a jump far back are large: it has to arrive. */
const JUMP_PAGE = 500;

export class Reading {
  constructor(
    private readonly store: Store,
    private readonly requests: Requests,
  ) {}

  /** Read the newest page of a conversation; once it is there, only what it lacks. */
  async open(conversationSid: string): Promise<void> {
    await this.store.alone(`open ${conversationSid}`, async () => {
      try {
        const page = await this.requests.readMessages(conversationSid);
        this.store.change(conversationSid, (transcript) => transcripts.addLatest(transcript, page));
        await this.readInternal(conversationSid);
      } catch (error) {
        this.store.change(conversationSid, (transcript) => ({ ...transcript, failure: messageOf(error) }));
      }
    });
  }

  async loadOlder(conversationSid: string): Promise<void> {
    await this.store.alone(`older ${conversationSid}`, async () => {
      const transcript = this.store.model.transcripts[conversationSid];
      const first = transcript?.messages[0]?.index;
      if (!transcript?.hasOlder || first === undefined) return;
      const page = await this.requests.readMessages(conversationSid, { before: first });
      this.store.change(conversationSid, (current) => transcripts.addOlder(current, page));
    });
  }

  /** Read back until the message with this index is there; false: it is not, or the connection is lost. */
  async loadThrough(conversationSid: string, index: number): Promise<boolean> {
    for (;;) {
      const transcript = this.store.model.transcripts[conversationSid];
      const first = transcript?.messages[0]?.index;
      if (!transcript || first === undefined) return false;
      if (first <= index) return true;
      if (!transcript.hasOlder) return false;
      let page: Message[];
      try {
        page = await this.requests.readMessages(conversationSid, { before: first }, JUMP_PAGE);
      } catch {
        return false;
      }
      this.store.change(conversationSid, (current) => transcripts.addOlder(current, page, JUMP_PAGE));
    }
  }

  /** Read page by page behind the last complete index; `always`: also when no gap is known. */
  async catchUp(conversationSid: string, always = false): Promise<void> {
    await this.store.alone(`catch up ${conversationSid}`, async () => {
      let first = always;
      for (;;) {
        const transcript = this.store.model.transcripts[conversationSid];
        if (!transcript?.loaded) return;
        const after = first ? transcript.completeThrough : transcripts.gapAfter(transcript);
        if (after === null) return;
        let page: Message[];
        try {
          page = await this.requests.readMessages(conversationSid, { after });
        } catch {
          // Offline again: the next reconnect asks for the same.
          return;
        }
        this.store.change(conversationSid, (current) => transcripts.addNewer(current, after, page));
        first = page.length >= PAGE_SIZE;
        // A page that answers nothing about a known gap must not be asked for without end.
        if (!page.length) return;
      }
    });
  }

  async readInternal(conversationSid: string): Promise<void> {
    await this.store.alone(`internal ${conversationSid}`, async () => {
      for (;;) {
        const after = this.store.model.transcripts[conversationSid]?.internalThrough ?? -1;
        const page = await this.requests.readInternal(conversationSid, after);
        this.store.change(conversationSid, (current) => transcripts.addInternal(current, page, after));
        if (page.length < 200) return;
      }
    });
  }
}
