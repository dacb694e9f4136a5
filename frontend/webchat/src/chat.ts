/**
 * One customer's chat: the timeline, the session, and the socket that keeps them true.
 *
 * It draws nothing. A view subscribes, reads `state`, and calls the verbs.
 */

import { Connection, type Status } from "./connection";
import type { Store, Session } from "./store";
import * as timelines from "./timeline";
import type { Media, Timeline } from "./timeline";
import { fill, type Texts } from "./texts";

export type ChatState = {
  timeline: Timeline;
  /** idle: nothing started yet; active: messages go to and fro; closed, expired: over. */
  phase: "idle" | "active" | "closed" | "expired";
  connection: Status;
  /** Who is writing right now, or null. */
  typing: string | null;
  /** The agent in the chat, or null while the flow answers. */
  agent: string | null;
  readIndex: number;
  /** What the server said went wrong with the chat as a whole, or null. */
  error: string | null;
};

export type ChatOptions = {
  server: string;
  deploymentKey: string;
  texts: Texts;
  store: Store;
  fetch?: typeof fetch;
  WebSocket?: typeof WebSocket;
  newRef?: () => string;
};

export const MAX_BODY = 4096;

const TYPING_EVERY_MS = 3_000;
const TYPING_SHOWN_MS = 6_000;
const ACK_WITHIN_MS = 10_000;
const SESSION_RETRY_MS = [1_000, 2_000, 5_000, 10_000, 15_000];

const fresh = (): ChatState => ({
  timeline: timelines.emptyTimeline,
  phase: "idle",
  connection: "closed",
  typing: null,
  agent: null,
  readIndex: -1,
  error: null,
});

export class Chat {
  state: ChatState = fresh();

  private session: Session | null = null;
  private readonly listeners = new Set<() => void>();
  private connection: Connection | null = null;
  private preEngagement: Record<string, string> | null = null;
  private starting: Promise<void> | null = null;
  private startAttempts = 0;
  private startTimer: ReturnType<typeof setTimeout> | undefined;
  private ackTimer: ReturnType<typeof setTimeout> | undefined;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private lastTypingAt = 0;

  constructor(private readonly options: ChatOptions) {
    options.store.onOtherTab(() => this.followOtherTab());
  }

  /** Call `listener` after every change; the answer stops it. */
  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Go on with the chat this browser has, if it has one, and send what an earlier page could not. */
  resume(): void {
    this.session = this.options.store.session();
    const unsent = this.options.store.unsent();
    if (unsent.length) {
      let timeline = this.state.timeline;
      for (const { ref, body, sentAt } of unsent) {
        timeline = timelines.addOutgoing(timeline, { ref, body, sentAt: new Date(sentAt) });
      }
      this.set({ timeline });
    }
    if (this.session) this.connect(this.session);
    else if (unsent.length) void this.startSession();
  }

  /** Keep what the pre-engagement form asked; it travels with the first message. */
  introduce(data: Record<string, string>): void {
    this.preEngagement = data;
  }

  /** Show `body` at once and bring it to the server, now or as soon as there is a connection. */
  send(body: string): void {
    const text = body.trim();
    if (!text || this.state.phase === "closed" || this.state.phase === "expired") return;
    this.attempt(text, (this.options.newRef ?? newRef)());
  }

  /** Try a failed message again, with its old reference: the server stores it once. */
  retry(ref: string): void {
    const entry = this.state.timeline.outgoing.find((item) => item.ref === ref);
    if (entry) this.attempt(entry.body, ref);
  }

  discard(ref: string): void {
    this.setTimeline(timelines.discardOutgoing(this.state.timeline, ref));
  }

  /** Tell the other side that the customer is writing; at most once in three seconds. */
  notifyTyping(): void {
    const now = Date.now();
    if (now - this.lastTypingAt < TYPING_EVERY_MS) return;
    if (this.connection?.send({ type: "typing" })) this.lastTypingAt = now;
  }

  /** The customer has everything on the screen. */
  markRead(): void {
    const last = this.state.timeline.messages.at(-1)?.index ?? -1;
    if (last <= this.state.readIndex) return;
    this.set({ readIndex: last });
    this.connection?.send({ type: "read", index: last });
    if (this.session) {
      this.session = { ...this.session, readIndex: last };
      this.options.store.saveSession(this.session);
    }
  }

  /** Forget the chat that is over; the next message starts another one. */
  restart(): void {
    this.options.store.saveSession(null);
    this.reset();
  }

  private attempt(body: string, ref: string): void {
    this.setTimeline(timelines.addOutgoing(this.state.timeline, { ref, body, sentAt: new Date() }));
    this.set({ error: null });
    this.lastTypingAt = 0;
    if (!this.session) void this.startSession();
    else if (this.connection?.send({ type: "message", body, ref })) this.expectAck();
  }

  private startSession(): Promise<void> {
    this.starting ??= this.requestSession().finally(() => {
      this.starting = null;
    });
    return this.starting;
  }

  private async requestSession(): Promise<void> {
    clearTimeout(this.startTimer);
    // Another tab may have started the chat a moment ago.
    this.session = this.options.store.session();
    if (this.session) return this.connect(this.session);
    this.set({ connection: this.startAttempts ? "lost" : "connecting" });
    let response: Response;
    let answer: Record<string, unknown>;
    try {
      response = await (this.options.fetch ?? fetch)(`${this.options.server}/webchat/v1/sessions`, {
        method: "POST",
        credentials: "omit",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          deployment_key: this.options.deploymentKey,
          ...(this.preEngagement ? { pre_engagement_data: this.preEngagement } : {}),
        }),
      });
      answer = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    } catch {
      return this.startAgainLater();
    }
    if (response.status >= 500 || response.status === 429) return this.startAgainLater();
    if (!response.ok || typeof answer["token"] !== "string") {
      const reason = typeof answer["message"] === "string" ? answer["message"] : this.options.texts.serverRefused;
      this.set({ connection: "closed", error: this.options.texts.serverRefused });
      this.setTimeline(timelines.failOutgoing(this.state.timeline, reason));
      return;
    }
    this.session = {
      token: answer["token"],
      conversationSid: String(answer["conversation_sid"] ?? ""),
      identity: String(answer["identity"] ?? ""),
      readIndex: -1,
    };
    this.options.store.saveSession(this.session);
    this.connect(this.session);
  }

  private startAgainLater(): void {
    const pause = SESSION_RETRY_MS[Math.min(this.startAttempts, SESSION_RETRY_MS.length - 1)]!;
    this.startAttempts += 1;
    this.set({ connection: "lost" });
    this.startTimer = setTimeout(() => void this.startSession(), pause);
  }

  private connect(session: Session): void {
    this.connection?.close();
    this.set({ phase: "active", readIndex: Math.max(session.readIndex, this.state.readIndex) });
    this.connection = new Connection({
      WebSocket: this.options.WebSocket,
      url: () => {
        const base = this.options.server.replace(/^http/, "ws");
        const after = this.state.timeline.completeThrough;
        return `${base}/ws/webchat/?token=${encodeURIComponent(session.token)}&after=${after}`;
      },
      onEvent: (event) => this.receive(event),
      onStatus: (status) => {
        this.set({ connection: status, ...(status === "open" ? {} : { typing: null }) });
        if (status === "open") this.sendOutgoing();
      },
      onRefused: () => this.end(this.state.timeline.messages.length ? "expired" : "idle"),
    });
    this.connection.open();
  }

  /** Everything unconfirmed goes out again, in order; the references keep it single. */
  private sendOutgoing(): void {
    for (const { ref, body, status } of this.state.timeline.outgoing) {
      if (status === "sending") this.connection?.send({ type: "message", body, ref });
    }
    this.expectAck();
  }

  private expectAck(): void {
    clearTimeout(this.ackTimer);
    if (!this.state.timeline.outgoing.some((entry) => entry.status === "sending")) return;
    this.ackTimer = setTimeout(() => this.connection?.restart(), ACK_WITHIN_MS);
  }

  private receive(event: Record<string, unknown>): void {
    this.startAttempts = 0;
    const text = (name: string) => (typeof event[name] === "string" ? (event[name] as string) : "");
    switch (event["type"]) {
      case "message":
        return this.receiveMessage(event, text);
      case "ack":
        this.setTimeline(timelines.acknowledge(this.state.timeline, text("ref"), Number(event["index"])));
        return this.expectAck();
      case "typing":
        this.set({ typing: this.state.agent || this.options.texts.someone });
        clearTimeout(this.typingTimer);
        this.typingTimer = setTimeout(() => this.set({ typing: null }), TYPING_SHOWN_MS);
        return;
      case "participant": {
        if (event["kind"] !== "agent" && event["kind"] !== "supervisor") return;
        const name = text("name") || this.options.texts.agent;
        const joined = event["joined"] === true;
        this.setTimeline(
          timelines.addNote(
            this.state.timeline,
            fill(joined ? this.options.texts.joined : this.options.texts.left, { name }),
          ),
        );
        this.set({ agent: joined ? name : null, ...(joined ? {} : { typing: null }) });
        return;
      }
      case "closed":
        return this.end("closed");
      case "error": {
        const reason = text("message") || this.options.texts.serverRefused;
        if (!event["ref"]) return this.set({ error: reason });
        this.setTimeline(timelines.failOutgoing(this.state.timeline, reason, text("ref")));
        return this.expectAck();
      }
    }
  }

  private receiveMessage(event: Record<string, unknown>, text: (name: string) => string): void {
    const index = Number(event["index"]);
    if (!Number.isInteger(index)) return;
    const own = event["source"] === "customer";
    this.setTimeline(
      timelines.addMessage(this.state.timeline, {
        kind: "message",
        index,
        own,
        authorName: text("author_name") || text("author"),
        source: text("source"),
        body: text("body"),
        media: Array.isArray(event["media"]) ? (event["media"] as Media[]) : [],
        sentAt: new Date(text("date_created") || Date.now()),
        ref: text("ref") || null,
      }),
    );
    if (own) this.expectAck();
    else this.set({ typing: null, ...(event["source"] === "agent" ? { agent: text("author_name") || this.state.agent } : {}) });
  }

  /** The chat is over. An unknown token before any message is no ending: nothing was ever shown. */
  private end(phase: "closed" | "expired" | "idle"): void {
    clearTimeout(this.ackTimer);
    this.connection?.close();
    this.connection = null;
    if (phase !== "closed") {
      this.session = null;
      this.options.store.saveSession(null);
    }
    this.set({ phase, typing: null, agent: null });
    if (phase === "idle") {
      if (this.state.timeline.outgoing.length) this.startAgainLater();
    } else {
      this.setTimeline(timelines.failOutgoing(this.state.timeline, this.options.texts[phase]));
    }
  }

  private followOtherTab(): void {
    const session = this.options.store.session();
    if (session?.token === this.session?.token) {
      if (session && session.readIndex > this.state.readIndex) this.set({ readIndex: session.readIndex });
      return;
    }
    this.reset();
    this.session = session;
    if (session) this.connect(session);
  }

  private reset(): void {
    clearTimeout(this.startTimer);
    clearTimeout(this.ackTimer);
    clearTimeout(this.typingTimer);
    this.connection?.close();
    this.connection = null;
    this.session = null;
    this.startAttempts = 0;
    this.options.store.saveUnsent([]);
    this.state = fresh();
    this.changed();
  }

  private setTimeline(timeline: Timeline): void {
    const before = this.state.timeline.outgoing;
    this.set({ timeline });
    if (before === timeline.outgoing) return;
    const waiting = timeline.outgoing.filter((entry) => entry.status === "sending");
    this.options.store.saveUnsent(
      waiting.map(({ ref, body, sentAt }) => ({ ref, body, sentAt: sentAt.toISOString() })),
    );
  }

  private set(change: Partial<ChatState>): void {
    this.state = { ...this.state, ...change };
    this.changed();
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** 128 random bits; `crypto.randomUUID` exists on secure pages only, and a shop on plain http has chats too. */
export function newRef(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
