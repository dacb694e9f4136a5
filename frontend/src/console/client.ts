/**
 * Keeps the console's model true: snapshot, socket, pages, and the messages on their way out.
 *
 * The socket is a hint. After every reconnect, when the page comes back to the front, and once a minute besides (every
 * few seconds while there is no socket), the snapshot is read again and every open transcript catches up behind the
 * last index it is complete to.
 */
import { Connection } from "../../webchat/src/connection";
import { ApiError } from "../api/client";
import type { Delivery, Message, Reservation, Worker } from "../api/types";
import type { Answer, Requests } from "./api/requests";
import { emptyModel, reduce, type Action, type Model } from "./core/model";
import { outbox } from "./core/storage";
import { newsOf, type News } from "./core/tasks";
import * as transcripts from "./core/transcript";
import { PAGE_SIZE, type Outgoing } from "./core/transcript";

const REFRESH_EVERY_MS = 60_000;
/** Without a socket the snapshot has to do its work. */
const REFRESH_LOST_EVERY_MS = 5_000;
const PING_EVERY_MS = 25_000;
const TYPING_EVERY_MS = 3_000;
const RESEND_AFTER_MS = [1_000, 3_000, 8_000];
const OTHER_TABS = "flowdesk.console";

type Options = {
  requests: Requests;
  WebSocket?: typeof WebSocket;
  newRef?: () => string;
};

export class ConsoleClient {
  model: Model = emptyModel;

  private readonly listeners = new Set<() => void>();
  private readonly newsListeners = new Set<(news: readonly News[]) => void>();
  private readonly connection: Connection;
  private readonly busy = new Set<string>();
  private readonly watched = new Set<string>();
  private readonly attempts = new Map<string, number>();
  private readonly lastTyping = new Map<string, number>();
  private readonly timers = new Set<ReturnType<typeof setTimeout>>();
  private channel: BroadcastChannel | null = null;
  private running = false;
  /** The socket was refused for want of a session; it is tried again when requests are answered. */
  private refused = false;
  private refreshing: Promise<void> | null = null;
  private refreshAgain = false;

  constructor(private readonly options: Options) {
    this.connection = new Connection({
      WebSocket: options.WebSocket,
      url: () => `${window.location.origin.replace(/^http/, "ws")}/ws/console/`,
      onEvent: (event) => this.hear(event),
      onStatus: (status) => {
        this.dispatch({ type: "socket", status });
        // Is it the socket alone, or the whole connection? The answer is on the screen at once.
        if (status === "lost" && this.model.reachable) void this.refresh();
        if (status !== "open") return;
        this.watched.clear();
        this.watch();
        void this.refresh();
      },
      onRefused: () => {
        // The session ended: the next request says so, and the shell asks for the password.
        this.refused = true;
        this.dispatch({ type: "socket", status: "lost" });
        void this.refresh();
      },
    });
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Call `listener` with what an agent who looks elsewhere should hear; the answer stops it. */
  onNews(listener: (news: readonly News[]) => void): () => void {
    this.newsListeners.add(listener);
    return () => this.newsListeners.delete(listener);
  }

  getModel = (): Model => this.model;

  start(): void {
    if (this.running) return;
    this.running = true;
    for (const [conversation, entries] of Object.entries(outbox.read())) {
      for (const entry of entries) this.change(conversation, (transcript) => transcripts.startOutgoing(transcript, entry));
    }
    if (typeof BroadcastChannel !== "undefined") {
      this.channel = new BroadcastChannel(OTHER_TABS);
      this.channel.onmessage = ({ data }: MessageEvent<Action>) => {
        if (data?.type === "read") this.dispatch(data);
      };
    }
    document.addEventListener("visibilitychange", this.comeBack);
    window.addEventListener("online", this.comeBack);
    this.connection.open();
    // Not only on the socket's word: a proxy that refuses sockets must not hide the tasks.
    void this.refresh();
    this.every(REFRESH_EVERY_MS, () => void this.refresh());
    this.every(REFRESH_LOST_EVERY_MS, () => {
      if (this.refused && this.model.reachable) {
        this.refused = false;
        this.connection.open();
      }
      if (this.model.socket !== "open") void this.refresh();
    });
    this.every(PING_EVERY_MS, () => this.connection.send({ type: "ping" }));
  }

  stop(): void {
    this.running = false;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    document.removeEventListener("visibilitychange", this.comeBack);
    window.removeEventListener("online", this.comeBack);
    this.channel?.close();
    this.connection.close();
  }

  /** Read the snapshot, then what every open transcript lacks. Calls that overlap share one more round. */
  refresh = (): Promise<void> => {
    if (this.refreshing) {
      this.refreshAgain = true;
      return this.refreshing;
    }
    this.refreshing = this.readAll().finally(() => {
      this.refreshing = null;
      if (this.refreshAgain && this.running) {
        this.refreshAgain = false;
        void this.refresh();
      }
    });
    return this.refreshing;
  };

  async setActivity(activitySid: string): Promise<void> {
    const worker = await this.options.requests.setActivity(activitySid);
    this.dispatch({ type: "activity", worker });
  }

  /** Answer an offer, or move a task on. An offer somebody else answered is read anew, and the reason thrown. */
  async answer(sid: string, status: Answer, outcome?: string): Promise<Reservation> {
    try {
      const reservation = await this.options.requests.answerReservation(sid, status, outcome);
      this.dispatch({ type: "reservation", reservation, now: Date.now() });
      return reservation;
    } catch (error) {
      void this.refresh();
      throw error;
    }
  }

  /** Read the newest page of a conversation; once it is there, only what it lacks. */
  async open(conversationSid: string): Promise<void> {
    await this.alone(`open ${conversationSid}`, async () => {
      try {
        const page = await this.options.requests.readMessages(conversationSid);
        this.change(conversationSid, (transcript) => transcripts.addLatest(transcript, page));
      } catch (error) {
        this.change(conversationSid, (transcript) => ({ ...transcript, failure: messageOf(error) }));
      }
    });
  }

  async loadOlder(conversationSid: string): Promise<void> {
    await this.alone(`older ${conversationSid}`, async () => {
      const transcript = this.model.transcripts[conversationSid];
      const first = transcript?.messages[0]?.index;
      if (!transcript?.hasOlder || first === undefined) return;
      const page = await this.options.requests.readMessages(conversationSid, { before: first });
      this.change(conversationSid, (current) => transcripts.addOlder(current, page));
    });
  }

  /** The agent sees everything up to `index`. */
  markRead(conversationSid: string, index: number): void {
    if (index < 0 || index <= (this.model.read[conversationSid] ?? -1)) return;
    const action: Action = { type: "read", conversation: conversationSid, index };
    this.dispatch(action);
    this.channel?.postMessage(action);
    this.options.requests.markRead(conversationSid, index).catch(() => {
      // The server counts it as unread until the next message is read; nothing else hangs on it.
    });
  }

  notifyTyping(conversationSid: string): void {
    const now = Date.now();
    if (now - (this.lastTyping.get(conversationSid) ?? 0) < TYPING_EVERY_MS) return;
    if (this.connection.send({ type: "typing", conversation_sid: conversationSid })) this.lastTyping.set(conversationSid, now);
  }

  send(conversationSid: string, body: string): void {
    const clientRef = (this.options.newRef ?? newRef)();
    this.change(conversationSid, (transcript) =>
      transcripts.startOutgoing(transcript, { clientRef, body, createdAt: new Date().toISOString() }),
    );
    this.lastTyping.delete(conversationSid);
    void this.sendWaiting(conversationSid);
  }

  /** Send a failed message again under its reference: the server stores it once. */
  retry(conversationSid: string, entry: Outgoing): void {
    this.attempts.delete(entry.clientRef);
    this.change(conversationSid, (transcript) => transcripts.startOutgoing(transcript, entry));
    void this.sendWaiting(conversationSid);
  }

  discard(conversationSid: string, clientRef: string): void {
    this.change(conversationSid, (transcript) => transcripts.discardOutgoing(transcript, clientRef));
  }

  private readonly comeBack = () => {
    if (document.visibilityState === "visible") void this.refresh();
  };

  private async readAll(): Promise<void> {
    const asked = this.model.sequence;
    try {
      const state = await this.options.requests.readConsole();
      this.dispatch({ type: "snapshot", state, asked, now: Date.now() });
    } catch (error) {
      this.dispatch({ type: "snapshot failed", message: messageOf(error) });
      return;
    }
    for (const [sid, transcript] of Object.entries(this.model.transcripts)) {
      if (transcript.loaded) await this.catchUp(sid, true);
      if (transcripts.hasOpenDeliveries(transcript)) await this.open(sid);
      if (transcript.outgoing.length) void this.sendWaiting(sid);
    }
  }

  /** Read page by page behind the last complete index; `always`: also when no gap is known. */
  private async catchUp(conversationSid: string, always = false): Promise<void> {
    await this.alone(`catch up ${conversationSid}`, async () => {
      let first = always;
      for (;;) {
        const transcript = this.model.transcripts[conversationSid];
        if (!transcript?.loaded) return;
        const after = first ? transcript.completeThrough : transcripts.gapAfter(transcript);
        if (after === null) return;
        let page: Message[];
        try {
          page = await this.options.requests.readMessages(conversationSid, { after });
        } catch {
          // Offline again: the next reconnect asks for the same.
          return;
        }
        this.change(conversationSid, (current) => transcripts.addNewer(current, after, page));
        first = page.length >= PAGE_SIZE;
        // A page that answers nothing about a known gap must not be asked for without end.
        if (!page.length) return;
      }
    });
  }

  /** One message after the other, so that they arrive in the order they were written. */
  private async sendWaiting(conversationSid: string): Promise<void> {
    await this.alone(`send ${conversationSid}`, async () => {
      for (;;) {
        const entry = this.model.transcripts[conversationSid]?.outgoing.find((item) => item.status === "waiting");
        if (!entry || !(await this.trySending(conversationSid, entry))) return;
      }
    });
  }

  /** Whether the next message may follow. */
  private async trySending(conversationSid: string, { clientRef, body }: Outgoing): Promise<boolean> {
    const mark = (status: Outgoing["status"], error: string | null = null) =>
      this.change(conversationSid, (transcript) => transcripts.setOutgoing(transcript, clientRef, status, error));
    mark("sending");
    try {
      const message = await this.options.requests.sendMessage(conversationSid, { body, client_ref: clientRef });
      this.attempts.delete(clientRef);
      // An answer without the reference would leave the message standing twice.
      this.dispatch({ type: "message", conversation: conversationSid, message: { ...message, client_ref: clientRef } });
      return true;
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      if (status === 0 || status === 401) {
        // No connection or no session: it goes out by itself when that is back.
        mark("waiting");
        this.after(RESEND_AFTER_MS.at(-1)!, () => void this.sendWaiting(conversationSid));
        return false;
      }
      const attempt = this.attempts.get(clientRef) ?? 0;
      const pause = RESEND_AFTER_MS[attempt];
      if ((status >= 500 || status === 429) && pause !== undefined) {
        this.attempts.set(clientRef, attempt + 1);
        mark("waiting");
        this.after(pause, () => void this.sendWaiting(conversationSid));
        return false;
      }
      mark("failed", messageOf(error));
      return true;
    }
  }

  private hear(event: Record<string, unknown>): void {
    const conversation = typeof event["conversation_sid"] === "string" ? event["conversation_sid"] : "";
    switch (event["type"]) {
      case "reservation":
        return this.dispatch({ type: "reservation", reservation: event["reservation"] as Reservation, now: Date.now() });
      case "activity":
        return this.dispatch({ type: "activity", worker: event["worker"] as Worker });
      case "message":
        this.dispatch({ type: "message", conversation, message: event["message"] as Message });
        if (transcripts.gapAfter(this.model.transcripts[conversation] ?? transcripts.emptyTranscript) !== null) {
          void this.catchUp(conversation);
        }
        return;
      case "receipt":
        return this.dispatch({
          type: "receipt", conversation, index: Number(event["index"]), delivery: event["delivery"] as Delivery,
        });
      case "conversation":
        return this.dispatch({ type: "conversation", conversation, state: event["state"] as "active" | "inactive" | "closed" });
      case "typing":
        return this.dispatch({ type: "typing", conversation, author: String(event["author"] ?? ""), now: Date.now() });
    }
  }

  /** Ask for the events of exactly the conversations at hand. */
  private watch(): void {
    const wanted = new Set(Object.values(this.model.reservations).flatMap((held) => held.conversation?.sid ?? []));
    for (const sid of wanted) {
      if (!this.watched.has(sid) && this.connection.send({ type: "watch", conversation_sid: sid })) this.watched.add(sid);
    }
    for (const sid of this.watched) {
      if (!wanted.has(sid) && this.connection.send({ type: "unwatch", conversation_sid: sid })) this.watched.delete(sid);
    }
  }

  private change(conversation: string, change: (transcript: transcripts.Transcript) => transcripts.Transcript): void {
    this.dispatch({ type: "transcript", conversation, change });
  }

  private dispatch(action: Action): void {
    const before = this.model;
    this.model = reduce(before, action);
    if (this.model === before) return;
    if (this.model.reservations !== before.reservations) this.watch();
    if (outgoingChanged(before, this.model)) this.keepOutgoing();
    for (const listener of this.listeners) listener();
    const news = newsOf(before, action, this.model);
    if (news.length) for (const listener of this.newsListeners) listener(news);
  }

  private keepOutgoing(): void {
    outbox.write(Object.fromEntries(Object.entries(this.model.transcripts).map(([sid, { outgoing }]) => [sid, outgoing])));
  }

  /** Run `work` unless the same work is under way. */
  private async alone(name: string, work: () => Promise<void>): Promise<void> {
    if (this.busy.has(name)) return;
    this.busy.add(name);
    try {
      await work();
    } finally {
      this.busy.delete(name);
    }
  }

  private after(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      work();
    }, ms);
    this.timers.add(timer);
  }

  private every(ms: number, work: () => void): void {
    this.after(ms, () => {
      work();
      this.every(ms, work);
    });
  }
}

function outgoingChanged(before: Model, after: Model): boolean {
  if (before.transcripts === after.transcripts) return false;
  return Object.entries(after.transcripts).some(([sid, { outgoing }]) => outgoing !== before.transcripts[sid]?.outgoing);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "Something went wrong.";
}

function newRef(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
