/**
 * One customer's chat: the timeline, the session, and the socket that keeps them true.
 *
 * It draws nothing. A view subscribes, reads `state`, and calls the verbs.
 */

import { Connection } from "./connection";
import { mediaOf, messageOf, queueOf, textOf, TOO_MANY_REQUESTS, type Heard } from "./events";
import { upload } from "./files";
import * as requests from "./requests";
import { fresh, type ChatState } from "./state";
import type { Store, Session } from "./store";
import * as timelines from "./timeline";
import type { Extras, Media, Message, Timeline } from "./timeline";
import { fill, type Texts } from "./texts";

export type ChatOptions = {
  server: string;
  deploymentKey: string;
  texts: Texts;
  store: Store;
  /** What the site's server signed of its user. */
  identityToken?: string | null;
  fetch?: typeof fetch;
  WebSocket?: typeof WebSocket;
  newRef?: () => string;
};

export const MAX_BODY = 4096;

const TYPING_EVERY_MS = 3_000;
const TYPING_SHOWN_MS = 6_000;
const ACK_WITHIN_MS = 10_000;
// Long before the token ends, so that a sleeping laptop wakes up in time.
const RENEW_BEFORE_MS = 3 * 3_600_000;
const SESSION_RETRY_MS = [1_000, 2_000, 5_000, 10_000, 15_000];

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
  private renewTimer: ReturnType<typeof setTimeout> | undefined;
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private lastTypingAt = 0;
  private readonly stopFollowing: () => void;

  constructor(private readonly options: ChatOptions) {
    this.stopFollowing = options.store.onOtherTab(() => this.followOtherTab());
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
      for (const { sentAt, ...rest } of unsent) {
        timeline = timelines.addOutgoing(timeline, { ...rest, sentAt: new Date(sentAt) });
      }
      this.set({ timeline });
    }
    if (this.session) this.connect(this.session);
    else if (unsent.length) void this.startSession();
    // A signed user may have an open chat from another browser.
    else if (this.options.identityToken) void this.startSession(true);
  }

  /** Keep what the pre-engagement form asked; it travels with the first message. */
  introduce(data: Record<string, string>): void {
    this.preEngagement = data;
  }

  /** Show `body` at once and bring it to the server, now or as soon as there is a connection. */
  send(body: string, extras: Extras = {}): void {
    const text = body.trim();
    if (!(text || extras.media?.length) || this.state.phase === "closed" || this.state.phase === "expired") return;
    if (extras.contact !== undefined) this.noteLeft();
    this.attempt(text, (this.options.newRef ?? newRef)(), extras);
  }

  /** The customer waits no longer: also after a reload, and in the other tabs. */
  private noteLeft(): void {
    this.set({ left: true });
    if (!this.session) return;
    this.session = { ...this.session, left: true };
    this.options.store.saveSession(this.session);
  }

  /** Try a failed message again, with its old reference: the server stores it once. */
  retry(ref: string): void {
    const entry = this.state.timeline.outgoing.find((item) => item.ref === ref);
    if (entry) this.attempt(entry.body, ref, { media: entry.media, payload: entry.payload, contact: entry.contact });
  }

  /** Bring a file to the server, for a message to come; begins the chat if need be. */
  async uploadFile(file: File, onProgress: (part: number) => void, onStart: (cancel: () => void) => void): Promise<Media> {
    const { server, texts } = this.options;
    // The first may be a request that only looks for a chat to go on with.
    if (!this.session) await this.startSession();
    if (!this.session) await this.startSession();
    if (!this.session) throw new Error(fill(texts.fileFailed, { name: file.name }));
    const sending = upload(server, this.session.token, file, texts, onProgress);
    onStart(sending.cancel);
    return sending.done;
  }

  /** End it for this page; what is stored stays. */
  destroy(): void {
    this.stopTimers();
    this.listeners.clear();
    this.connection?.close();
    this.stopFollowing();
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

  private attempt(body: string, ref: string, extras: Extras): void {
    this.setTimeline(timelines.addOutgoing(this.state.timeline, { ref, body, ...extras, sentAt: new Date() }));
    this.set({ error: null, refused: null });
    this.lastTypingAt = 0;
    if (!this.session) void this.startSession();
    else if (this.transmit({ body, ref, ...extras })) this.expectAck();
  }

  private transmit({ body, ref, media, payload, contact }: { body: string; ref: string } & Extras): boolean {
    const type = contact === undefined ? "message" : "leave_message";
    const sids = media?.length ? { media: media.map((item) => item.sid) } : {};
    return this.connection?.send({ type, body, ref, ...sids, ...(payload ? { payload } : {}), ...(contact ? { contact } : {}) }) ?? false;
  }

  private startSession(onlyResume = false): Promise<void> {
    this.starting ??= this.requestSession(onlyResume).finally(() => {
      this.starting = null;
    });
    return this.starting;
  }

  private async requestSession(onlyResume: boolean): Promise<void> {
    clearTimeout(this.startTimer);
    // Another tab may have started the chat a moment ago.
    this.session = this.options.store.session();
    if (this.session) return this.connect(this.session);
    this.set({ connection: this.startAttempts ? "lost" : "connecting" });
    const { deploymentKey, identityToken = null, server, texts } = this.options;
    const begun = await requests.begin(this.ask, server, { deploymentKey, identityToken, preEngagement: this.preEngagement, onlyResume });
    switch (begun.kind) {
      case "later":
        return this.startAgainLater();
      case "none":
        // The first message begins a chat.
        this.set({ connection: "closed" });
        // Later than this request's own end, which the next one would join otherwise.
        if (this.state.timeline.outgoing.length) setTimeout(() => void this.startSession());
        return;
      case "refused": {
        const reason = begun.reason ?? texts.serverRefused;
        const refused = begun.field === null ? null : { field: begun.field, message: reason };
        this.set({ connection: "closed", refused, error: refused ? null : texts.serverRefused });
        return this.setTimeline(timelines.failOutgoing(this.state.timeline, reason));
      }
      case "begun":
        this.session = { ...begun.session, left: this.state.left };
        this.options.store.saveSession(this.session);
        this.connect(this.session);
    }
  }

  private startAgainLater(): void {
    const pause = SESSION_RETRY_MS[Math.min(this.startAttempts, SESSION_RETRY_MS.length - 1)]!;
    this.startAttempts += 1;
    this.set({ connection: "lost" });
    this.startTimer = setTimeout(() => void this.startSession(), pause);
  }

  private connect(session: Session): void {
    this.connection?.close();
    this.renewInTime(session);
    this.set({ phase: "active", left: this.state.left || session.left === true, readIndex: Math.max(session.readIndex, this.state.readIndex) });
    this.connection = new Connection({
      WebSocket: this.options.WebSocket,
      url: () => {
        const base = this.options.server.replace(/^http/, "ws");
        const after = this.state.timeline.completeThrough;
        const token = this.session?.token ?? session.token;
        return `${base}/ws/webchat/?token=${encodeURIComponent(token)}&after=${after}`;
      },
      onEvent: (event) => this.receive(event),
      onStatus: (status) => {
        // A new socket tells of a wait that goes on.
        this.set({ connection: status, queue: null, ...(status === "open" ? {} : { typing: null }) });
        if (status === "open") this.sendOutgoing();
      },
      onRefused: () => this.end(this.state.timeline.messages.length ? "expired" : "idle"),
    });
    this.connection.open();
  }

  /** Get another token before this one ends, so that a chat that is open all day goes on. */
  private renewInTime(session: Session): void {
    clearTimeout(this.renewTimer);
    if (!session.expiresAt) return;
    const pause = Math.max(60_000, session.expiresAt - Date.now() - RENEW_BEFORE_MS);
    this.renewTimer = setTimeout(() => void this.renew(session), pause);
  }

  private async renew(session: Session): Promise<void> {
    const renewed = await requests.renew(this.ask, this.options.server, session.token);
    if (renewed === "over") return;
    if (renewed !== "later" && this.session?.token === session.token) {
      this.session = { ...this.session, ...renewed };
      this.options.store.saveSession(this.session);
      // The server ends a socket with the token it was opened by.
      this.connection?.restart();
    }
    if (this.session) this.renewInTime(this.session);
  }

  /** Everything unconfirmed goes out again, in order; the references keep it single. */
  private sendOutgoing(): void {
    for (const entry of this.state.timeline.outgoing) if (entry.status === "sending") this.transmit(entry);
    this.expectAck();
  }

  private expectAck(): void {
    clearTimeout(this.ackTimer);
    if (!this.state.timeline.outgoing.some((entry) => entry.status === "sending")) return;
    this.ackTimer = setTimeout(() => this.connection?.restart(), ACK_WITHIN_MS);
  }

  private receive(event: Heard): void {
    this.startAttempts = 0;
    const text = (name: string) => textOf(event, name);
    switch (event["type"]) {
      case "message":
        return this.receiveMessage(messageOf(event), text("author_name"));
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
      case "read":
        return this.set({ agentRead: Math.max(this.state.agentRead, Number(event["index"])) });
      case "media":
        return this.setTimeline(timelines.replaceMedia(this.state.timeline, Number(event["index"]), mediaOf(event)));
      case "queue":
        return this.set({ queue: queueOf(event) });
      case "closed":
        return this.end("closed");
      case "error": {
        const { tooFast, serverRefused } = this.options.texts;
        const reason = event["code"] === TOO_MANY_REQUESTS ? tooFast : text("message") || serverRefused;
        if (!event["ref"]) return this.set({ error: reason });
        this.setTimeline(timelines.failOutgoing(this.state.timeline, reason, text("ref")));
        return this.expectAck();
      }
    }
  }

  private receiveMessage(message: Message | null, agentName: string): void {
    if (!message) return;
    this.setTimeline(timelines.addMessage(this.state.timeline, message));
    if (message.own) this.expectAck();
    else if (message.source === "agent") {
      // Who answers has read what was written before.
      this.set({ typing: null, agent: agentName || this.state.agent, agentRead: Math.max(this.state.agentRead, message.index) });
    } else this.set({ typing: null });
  }

  /** What the server asks about an ended chat; null for nothing (yet). */
  async readSurvey(): Promise<requests.Survey | null> {
    return this.session && requests.readSurvey(this.ask, this.options.server, this.session.token);
  }

  /** Whether the rating arrived. */
  async rate(rating: number): Promise<boolean> {
    return this.session !== null && requests.rate(this.ask, this.options.server, this.session.token, rating);
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
    clearTimeout(this.renewTimer);
    this.set({ phase, typing: null, agent: null, queue: null });
    if (phase === "idle") {
      if (this.state.timeline.outgoing.length) this.startAgainLater();
    } else {
      this.setTimeline(timelines.failOutgoing(this.state.timeline, this.options.texts[phase]));
    }
  }

  private followOtherTab(): void {
    const session = this.options.store.session();
    if (session?.conversationSid === this.session?.conversationSid) {
      this.session = session;
      if (session && session.readIndex > this.state.readIndex) this.set({ readIndex: session.readIndex });
      return;
    }
    this.reset();
    this.session = session;
    if (session) this.connect(session);
  }

  private stopTimers(): void {
    for (const timer of [this.startTimer, this.ackTimer, this.typingTimer, this.renewTimer]) clearTimeout(timer);
  }

  private reset(): void {
    this.stopTimers();
    this.connection?.close();
    this.connection = null;
    this.session = null;
    this.startAttempts = 0;
    this.options.store.saveUnsent([]);
    this.state = fresh();
    this.changed();
  }

  private get ask(): typeof fetch {
    return this.options.fetch ?? fetch;
  }

  private setTimeline(timeline: Timeline): void {
    const before = this.state.timeline.outgoing;
    this.set({ timeline });
    if (before === timeline.outgoing) return;
    const waiting = timeline.outgoing.filter((entry) => entry.status === "sending");
    this.options.store.saveUnsent(
      waiting.map(({ ref, body, sentAt, media, payload, contact }) => ({ ref, body, media, payload, contact, sentAt: sentAt.toISOString() })),
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
