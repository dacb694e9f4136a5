/**
 * Keeps the console's model true: it joins the snapshot, the socket, pages (`sync/reading`), the messages on their way out
 * (`sync/sending`) and who else looks at a conversation (`sync/presence`).
 *
 * The socket is a hint. After every reconnect, when the page comes back to the front, and once a minute besides (every
 * few seconds while there is no socket), the snapshot is read again and every open transcript catches up behind the
 * last index it is complete to.
 */
import { Connection } from "../../webchat/src/connection";
import type { Internal, StoredPreferences } from "../api/console-types";
import type { Delivery, Message, Reservation, Worker } from "../api/types";
import type { Answer, Requests } from "./api/requests";
import type { Action, Model } from "./core/model";
import type { News } from "./core/tasks";
import * as transcripts from "./core/transcript";
import { isNetwork, messageOf } from "./sync/failures";
import { Presence } from "./sync/presence";
import { Reading } from "./sync/reading";
import { Sending } from "./sync/sending";
import { Store } from "./sync/store";

const REFRESH_EVERY_MS = 60_000;
/** Without a socket the snapshot has to do its work. */
const REFRESH_LOST_EVERY_MS = 5_000;
const PING_EVERY_MS = 25_000;
const OTHER_TABS = "flowdesk.console";

type Options = {
  requests: Requests;
  WebSocket?: typeof WebSocket;
  newRef?: () => string;
};

export class ConsoleClient {
  readonly reading: Reading;
  readonly sending: Sending;
  readonly presence: Presence;

  private readonly store = new Store();
  private readonly workListeners = new Set<(transfer: unknown) => void>();
  private readonly connection: Connection;
  private readonly watched = new Set<string>();
  /** Offers that the agent answered, here or in another tab. */
  private readonly answered = new Set<string>();
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
        this.store.dispatch({ type: "socket", status });
        // Is it the socket alone, or the whole connection? The answer is on the screen at once.
        if (status === "lost" && this.model.reachable) void this.refresh();
        if (status !== "open") return;
        this.watched.clear();
        this.watch();
        this.presence.sayWhere();
        void this.refresh();
      },
      onRefused: () => {
        // The session ended: the next request says so, and the shell asks for the password.
        this.refused = true;
        this.store.dispatch({ type: "socket", status: "lost" });
        void this.refresh();
      },
    });
    this.reading = new Reading(this.store, options.requests);
    this.sending = new Sending(this.store, options.requests, () => void this.refresh(), options.newRef);
    this.presence = new Presence(this.store, this.connection);
    this.store.onChange = (before, after) => {
      if (after.reservations !== before.reservations) this.watch();
      this.sending.keep(before, after);
    };
  }

  get model(): Model {
    return this.store.model;
  }

  getModel = (): Model => this.store.model;

  subscribe = (listener: () => void): (() => void) => this.store.subscribe(listener);

  /** Call `listener` with what an agent who looks elsewhere should hear; the answer stops it. */
  onNews(listener: (news: readonly News[]) => void): () => void {
    return this.store.onNews(listener);
  }

  /** Call `listener` when colleagues did something around a conversation; with the agent's own transfer if one moved. */
  onWork(listener: (transfer: unknown) => void): () => void {
    this.workListeners.add(listener);
    return () => this.workListeners.delete(listener);
  }

  start(): void {
    if (this.running) return;
    this.running = true;
    this.sending.start();
    if (typeof BroadcastChannel !== "undefined") {
      this.channel = new BroadcastChannel(OTHER_TABS);
      this.channel.onmessage = ({ data }: MessageEvent<Action | { type: "answered"; sid: string }>) => {
        if (data?.type === "read") this.store.dispatch(data);
        if (data?.type === "answered") this.answered.add(data.sid);
      };
    }
    document.addEventListener("visibilitychange", this.comeBack);
    window.addEventListener("online", this.comeBack);
    window.addEventListener("offline", this.comeBack);
    this.connection.open();
    // Not only on the socket's word: a proxy that refuses sockets must not hide the tasks.
    void this.refresh();
    this.store.every(REFRESH_EVERY_MS, () => void this.refresh());
    this.store.every(REFRESH_LOST_EVERY_MS, () => {
      if (this.refused && this.model.reachable) {
        this.refused = false;
        this.connection.open();
      }
      if (this.model.socket !== "open") void this.refresh();
    });
    this.presence.start();
    this.store.every(PING_EVERY_MS, () => this.connection.send({ type: "ping" }));
  }

  stop(): void {
    this.running = false;
    this.store.stopTimers();
    document.removeEventListener("visibilitychange", this.comeBack);
    window.removeEventListener("online", this.comeBack);
    window.removeEventListener("offline", this.comeBack);
    this.channel?.close();
    this.sending.stop();
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
    this.store.dispatch({ type: "activity", worker });
  }

  /** Answer an offer, or move a task on. An offer somebody else answered is read anew, and the reason thrown. */
  async answer(sid: string, status: Answer, outcome?: string): Promise<Reservation> {
    this.answered.add(sid);
    this.channel?.postMessage({ type: "answered", sid });
    try {
      const reservation = await this.options.requests.answerReservation(sid, status, outcome);
      this.store.dispatch({ type: "reservation", reservation, now: Date.now() });
      return reservation;
    } catch (error) {
      void this.refresh();
      throw error;
    }
  }

  async savePreferences(parts: StoredPreferences): Promise<void> {
    const before = this.model.preferences;
    this.store.dispatch({ type: "preferences", preferences: { ...before, ...parts } });
    try {
      this.store.dispatch({ type: "preferences", preferences: await this.options.requests.savePreferences(parts) });
    } catch (error) {
      this.store.dispatch({ type: "preferences", preferences: before });
      throw error;
    }
  }

  /** The agent has seen that an offer was missed; null: all of them. */
  forgetMissed(sid: string | null): void {
    this.store.dispatch({ type: "forget missed", sid });
  }

  /** The agent sees everything up to `index`. */
  markRead(conversationSid: string, index: number): void {
    if (index < 0 || index <= (this.model.read[conversationSid] ?? -1)) return;
    const action: Action = { type: "read", conversation: conversationSid, index };
    this.store.dispatch(action);
    this.channel?.postMessage(action);
    this.options.requests.markRead(conversationSid, index).catch(() => {
      // The server counts it as unread until the next message is read; nothing else hangs on it.
    });
  }

  private readonly comeBack = () => {
    this.presence.sayWhere();
    if (document.visibilityState === "visible") void this.refresh();
  };

  private async readAll(): Promise<void> {
    const asked = this.model.sequence;
    try {
      const state = await this.options.requests.readConsole();
      this.store.dispatch({ type: "snapshot", state, asked, now: Date.now() });
    } catch (error) {
      this.store.dispatch({ type: "snapshot failed", message: messageOf(error) });
      // A cut network leaves sockets that look open; another one tells, and is back as soon as the network is.
      if (isNetwork(error) && this.model.socket === "open") this.connection.restart();
      return;
    }
    for (const [sid, transcript] of Object.entries(this.model.transcripts)) {
      if (transcript.loaded) await this.reading.catchUp(sid, true);
      if (transcript.loaded) await this.reading.readInternal(sid).catch(() => undefined);
      if (transcripts.hasOpenDeliveries(transcript)) await this.reading.open(sid);
      if (transcript.outgoing.length) void this.sending.sendWaiting(sid);
    }
  }

  private hear(event: Record<string, unknown>): void {
    const conversation = typeof event["conversation_sid"] === "string" ? event["conversation_sid"] : "";
    switch (event["type"]) {
      case "reservation":
        return this.takeReservation(event["reservation"] as Reservation);
      case "activity":
        return this.store.dispatch({ type: "activity", worker: event["worker"] as Worker });
      case "message":
        this.store.dispatch({ type: "message", conversation, message: event["message"] as Message });
        if (transcripts.gapAfter(this.model.transcripts[conversation] ?? transcripts.emptyTranscript) !== null) {
          void this.reading.catchUp(conversation);
        }
        return;
      case "internal":
        return this.store.dispatch({ type: "internal", conversation, message: event["message"] as Internal });
      case "receipt":
        return this.store.dispatch({
          type: "receipt", conversation, index: Number(event["index"]), delivery: event["delivery"] as Delivery,
        });
      case "media":
        return this.store.dispatch({
          type: "media", conversation, index: Number(event["index"]), media: event["media"] as Message["media"],
        });
      case "conversation":
        return this.store.dispatch({ type: "conversation", conversation, state: event["state"] as "active" | "inactive" | "closed" });
      case "work":
        for (const listener of this.workListeners) listener(event["transfer"] ?? null);
        return;
      case "colleague":
        return this.presence.hear(conversation, event);
      case "typing":
        if (!this.model.settings.tells_typing) return;
        return this.store.dispatch({ type: "typing", conversation, author: String(event["author"] ?? ""), now: Date.now() });
    }
  }

  private takeReservation(reservation: Reservation): void {
    const before = this.model.reservations[reservation.sid]?.status;
    this.store.dispatch({ type: "reservation", reservation, now: Date.now() });
    const held = this.model.reservations[reservation.sid];
    if (held?.status !== "accepted" || before === "accepted" || before === "wrapping" || this.answered.has(held.sid)) return;
    this.store.tellNews([{ kind: "assigned", reservation: held }]);
  }

  /** Ask for the events of exactly the conversations at hand. */
  private watch(): void {
    const wanted = new Set(Object.values(this.model.reservations).flatMap((held) => held.conversation?.sid ?? []));
    for (const sid of wanted) {
      if (this.watched.has(sid) || !this.connection.send({ type: "watch", conversation_sid: sid })) continue;
      this.watched.add(sid);
      // It was here before (parked, handed on and back): what was said meanwhile was not heard.
      if (this.model.transcripts[sid]?.loaded) void this.reading.catchUp(sid, true);
    }
    for (const sid of this.watched) {
      if (!wanted.has(sid) && this.connection.send({ type: "unwatch", conversation_sid: sid })) this.watched.delete(sid);
    }
  }
}
