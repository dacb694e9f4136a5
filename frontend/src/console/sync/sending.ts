/**
 * Sends messages and notes, one after the other in each conversation, under references by which the server stores each
 * once; keeps them in the browser until they are there.
 */
import { ApiError } from "../../api/client";
import { newRef as makeRef } from "../../core/refs";
import type { Requests } from "../api/requests";
import type { Action, Model } from "../core/model";
import { outbox } from "../core/storage";
import * as transcripts from "../core/transcript";
import type { Outgoing } from "../core/transcript";
import { isNetwork, messageOf } from "./failures";
import type { Store } from "./store";

const RESEND_AFTER_MS = [1_000, 3_000, 8_000];
/** What was not sent when the console was closed longer ago than this is sent only by the agent's own word. */
const SENT_UNASKED_MS = 10 * 60_000;

export type More = Partial<Pick<Outgoing, "kind" | "media" | "template">>;

export class Sending {
  private readonly attempts = new Map<string, number>();
  /** What this tab keeps of its outgoing messages, by reference: the entry as it was written down. */
  private readonly kept = new Map<string, Outgoing>();
  private stopSharing: () => void = () => undefined;
  private written = 0;

  constructor(
    private readonly store: Store,
    private readonly requests: Requests,
    private readonly onUnreachable: () => void,
    private readonly newRef: () => string = makeRef,
  ) {}

  send(conversationSid: string, body: string, more: More = {}): void {
    const clientRef = this.newRef();
    const entry = { clientRef, body, ...more, createdAt: new Date().toISOString(), order: ++this.written };
    this.store.change(conversationSid, (transcript) => transcripts.startOutgoing(transcript, entry));
    void this.sendWaiting(conversationSid);
  }

  /** Send a failed message again under its reference: the server stores it once. */
  retry(conversationSid: string, entry: Outgoing): void {
    this.attempts.delete(entry.clientRef);
    this.store.change(conversationSid, (transcript) => transcripts.startOutgoing(transcript, entry));
    void this.sendWaiting(conversationSid);
  }

  discard(conversationSid: string, clientRef: string): void {
    this.store.change(conversationSid, (transcript) => transcripts.discardOutgoing(transcript, clientRef));
  }

  /** Take up what an earlier page left, and what other tabs do. */
  start(): void {
    for (const { conversation, entry } of outbox.read()) {
      this.kept.set(entry.clientRef, entry);
      this.store.change(conversation, (transcript) => transcripts.startOutgoing(transcript, entry));
      if (entry.status === "failed") this.mark(conversation, entry.clientRef, "failed", entry.error);
      else if (Date.now() - Date.parse(entry.createdAt) > SENT_UNASKED_MS) {
        this.mark(conversation, entry.clientRef, "failed", "The console was closed before it was sent.");
      }
    }
    this.stopSharing = outbox.onChange(
      // Whoever wrote it sends it; should that tab be closed first, the next round sends it from here.
      ({ conversation, entry }) => {
        this.kept.set(entry.clientRef, entry);
        this.store.change(conversation, (transcript) => transcripts.startOutgoing(transcript, entry));
        if (entry.status === "failed") this.mark(conversation, entry.clientRef, "failed", entry.error);
      },
      (clientRef) => {
        this.kept.delete(clientRef);
        for (const sid of Object.keys(this.store.model.transcripts)) this.discard(sid, clientRef);
      },
    );
  }

  stop(): void {
    this.stopSharing();
  }

  /** Write down what changed of the outgoing messages, each by itself: other tabs have their own. */
  keep(before: Model, after: Model): void {
    if (!outgoingChanged(before, after)) return;
    const now = new Map<string, [string, Outgoing]>();
    for (const [sid, { outgoing }] of Object.entries(after.transcripts)) {
      for (const entry of outgoing) now.set(entry.clientRef, [sid, entry]);
    }
    for (const clientRef of this.kept.keys()) {
      if (now.has(clientRef)) continue;
      this.kept.delete(clientRef);
      outbox.take(clientRef);
    }
    for (const [clientRef, [sid, entry]] of now) {
      const earlier = this.kept.get(clientRef);
      // Between waiting and sending it goes to and fro; a reload begins anew either way.
      if (earlier && (earlier.status === "failed") === (entry.status === "failed")) continue;
      this.kept.set(clientRef, entry);
      outbox.put(sid, entry);
    }
  }

  private mark(conversationSid: string, clientRef: string, status: Outgoing["status"], error: string | null = null): void {
    this.store.change(conversationSid, (transcript) => transcripts.setOutgoing(transcript, clientRef, status, error));
  }

  /** One message after the other, so that they arrive in the order they were written. */
  async sendWaiting(conversationSid: string): Promise<void> {
    await this.store.alone(`send ${conversationSid}`, async () => {
      for (;;) {
        const entry = this.store.model.transcripts[conversationSid]?.outgoing.find((item) => item.status === "waiting");
        if (!entry || !(await this.trySending(conversationSid, entry))) return;
      }
    });
  }

  /** Whether the next message may follow. */
  private async trySending(conversationSid: string, entry: Outgoing): Promise<boolean> {
    const { clientRef } = entry;
    const mark = (status: Outgoing["status"], error: string | null = null) => this.mark(conversationSid, clientRef, status, error);
    mark("sending");
    try {
      const action = await this.request(conversationSid, entry);
      this.attempts.delete(clientRef);
      this.store.dispatch(action);
      return true;
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      if (status === 0 || status === 401) {
        // No connection or no session: it goes out by itself when that is back.
        mark("waiting");
        // Is it this request alone, or is the connection gone? The agent should know before they write on.
        if (isNetwork(error)) this.onUnreachable();
        this.store.after(RESEND_AFTER_MS.at(-1)!, () => void this.sendWaiting(conversationSid));
        return false;
      }
      const attempt = this.attempts.get(clientRef) ?? 0;
      const pause = RESEND_AFTER_MS[attempt];
      if ((status >= 500 || status === 429) && pause !== undefined) {
        this.attempts.set(clientRef, attempt + 1);
        mark("waiting");
        this.store.after(pause, () => void this.sendWaiting(conversationSid));
        return false;
      }
      mark("failed", messageOf(error));
      return true;
    }
  }

  /** Have the server keep a message or a note; what to do with the answer. */
  private async request(conversation: string, entry: Outgoing): Promise<Action> {
    const { clientRef, body, template } = entry;
    const media = entry.media.flatMap(({ sid }) => sid ?? []);
    const { requests } = this;
    // An answer without the reference would leave the message standing twice.
    if (entry.kind === "note") {
      const note = await requests.sendNote(conversation, { client_ref: clientRef, body, media });
      return { type: "internal", conversation, message: { ...note, client_ref: clientRef } };
    }
    const message = await requests.sendMessage(
      conversation,
      template
        ? { client_ref: clientRef, template_sid: template.sid, variables: template.variables }
        : { client_ref: clientRef, body, ...(media.length ? { media } : {}) },
    );
    return { type: "message", conversation, message: { ...message, client_ref: clientRef } };
  }
}

function outgoingChanged(before: Model, after: Model): boolean {
  if (before.transcripts === after.transcripts) return false;
  return Object.entries(after.transcripts).some(([sid, { outgoing }]) => outgoing !== before.transcripts[sid]?.outgoing);
}
