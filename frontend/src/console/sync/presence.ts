/** Says that the agent types or looks, and hears what colleagues who have the same conversation say of themselves. */
import type { Connection } from "../../../webchat/src/connection";
import { colleagueOf, WRITES_MS } from "../core/colleagues";
import type { Store } from "./store";

const SAID_EVERY_MS = 3_000;
/** Colleagues forget who was silent for longer than two of these. */
const LOOKS_EVERY_MS = 15_000;

type Does = "looking" | "writing" | "gone";

export class Presence {
  private readonly saidTyping = new Map<string, number>();
  private readonly saidWriting = new Map<string, number>();
  private looksAt: string | null = null;

  constructor(
    private readonly store: Store,
    private readonly connection: Connection,
  ) {}

  start(): void {
    this.store.every(LOOKS_EVERY_MS, this.sayWhere);
  }

  /** The agent has a conversation on the screen; the answer tells that they have not any more. */
  look(conversationSid: string): () => void {
    this.looksAt = conversationSid;
    this.sayWhere();
    return () => {
      if (this.looksAt === conversationSid) this.looksAt = null;
      this.say(conversationSid, "gone");
    };
  }

  /** Where the agent is, said again now and then, after a reconnect, and when the page comes to the front or goes. */
  sayWhere = (): void => {
    if (!this.looksAt) return;
    // Whoever is answered while they write still writes.
    const does = Date.now() - (this.saidWriting.get(this.looksAt) ?? 0) < WRITES_MS ? "writing" : "looking";
    this.say(this.looksAt, document.visibilityState === "visible" ? does : "gone");
  };

  /** The agent types something for the customer. */
  write(conversationSid: string): void {
    const now = Date.now();
    if (this.store.model.settings.tells_typing && now - (this.saidTyping.get(conversationSid) ?? 0) >= SAID_EVERY_MS) {
      if (this.connection.send({ type: "typing", conversation_sid: conversationSid })) this.saidTyping.set(conversationSid, now);
    }
    if (now - (this.saidWriting.get(conversationSid) ?? 0) < SAID_EVERY_MS) return;
    if (this.say(conversationSid, "writing")) this.saidWriting.set(conversationSid, now);
  }

  /** What was written is sent, or thrown away. */
  stopWriting(conversationSid: string): void {
    this.saidTyping.delete(conversationSid);
    if (this.saidWriting.delete(conversationSid)) this.say(conversationSid, "looking");
  }

  hear(conversation: string, event: Record<string, unknown>): void {
    const said = colleagueOf(event, Date.now());
    if (!said) return;
    const isNew = !this.store.model.colleagues[conversation]?.some(({ userSid }) => userSid === said.userSid);
    this.store.dispatch({ type: "colleague", conversation, said });
    // Whoever comes does not know yet who is here.
    if (isNew && said.does !== "gone" && conversation === this.looksAt) this.sayWhere();
  }

  private say(conversationSid: string, does: Does): boolean {
    return this.connection.send({ type: "here", conversation_sid: conversationSid, does });
  }
}
