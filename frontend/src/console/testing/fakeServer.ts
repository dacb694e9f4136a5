/** The server that tests of the console's client talk to. */
import { ApiError } from "../../api/client";
import type { Internal } from "../../api/console-types";
import type { Message, Reservation } from "../../api/types";
import type { Requests } from "../api/requests";
import { iso, message, NOW, range, reservation, snapshot } from "../core/fixtures";

/** A server with one conversation, `CH1`, and sockets that can be cut. */
export class FakeServer {
  reservations: Reservation[] = [reservation("1")];
  messages: Message[] = range(0, 2);
  sockets: FakeSocket[] = [];
  reachable = true;
  refusesSockets = false;
  /** What the next sends answer instead of storing. */
  refusals: ApiError[] = [];
  sends: string[] = [];
  reads: number[] = [];
  notes: Internal[] = [];
  asked: unknown[] = [];
  pages = 0;

  private check(): void {
    if (!this.reachable) throw new ApiError(0, "The server cannot be reached.", 0);
  }

  readonly requests: Requests = {
    readConsole: async () => {
      this.check();
      return snapshot(this.reservations);
    },
    readMessages: async (_sid, { before, after } = {}, limit = 50) => {
      this.check();
      this.pages += 1;
      if (after !== undefined) return this.messages.filter((item) => item.index > after).slice(0, limit);
      return this.messages.filter((item) => item.index < (before ?? Infinity)).slice(-limit);
    },
    sendMessage: async (_sid, { body, client_ref, ...more }) => {
      await Promise.resolve();
      this.check();
      this.sends.push(client_ref);
      const refusal = this.refusals.shift();
      if (refusal) throw refusal;
      const known = this.messages.find((item) => item.client_ref === client_ref);
      this.asked.push({ body, ...more });
      return known ?? this.add({ source: "agent", body: body ?? "a template", client_ref });
    },
    answerReservation: async (sid, status) => {
      this.check();
      const held = this.reservations.find((item) => item.sid === sid);
      if (!held || (status !== "completed" && held.status !== "pending")) throw new ApiError(20409, "Already answered.", 409);
      const answered = { ...held, status, date_updated: iso(NOW) };
      this.reservations = this.reservations.map((item) => (item === held ? answered : item));
      return answered;
    },
    setActivity: async (activity_sid) => ({ ...snapshot([]).worker!, activity_sid, activity_since: iso(NOW) }),
    markRead: async (_sid, index) => void this.reads.push(index),
    readInternal: async (_sid, after) => {
      this.check();
      return this.notes.filter((note) => note.number > after);
    },
    sendNote: async (_sid, { client_ref, body }) => {
      this.check();
      const known = this.notes.find((note) => note.client_ref === client_ref);
      return known ?? this.addNote({ body, client_ref });
    },
    search: async () => ({ messages: [], internal: [], is_cut: false }),
    savePreferences: async (parts) => {
      this.check();
      return parts;
    },
    readReplies: async () => [],
    copyReplyMedia: async () => [],
    readTemplates: async () => [],
    appToken: () => Promise.reject(new Error("not asked here")),
    readConversation: () => Promise.reject(new Error("not asked here")),
    readExecution: () => Promise.reject(new Error("not asked here")),
  };

  add(change: Partial<Message>, tell = true): Message {
    const stored = message(this.messages.length, change);
    this.messages.push(stored);
    if (tell) this.tell({ type: "message", conversation_sid: "CH1", message: stored });
    return stored;
  }

  addNote(change: Partial<Internal>, tell = true): Internal {
    const stored: Internal = {
      sid: `NT${this.notes.length}`, number: this.notes.length, after_index: this.messages.length - 1, kind: "note", author_name: "Sue",
      author_sid: "US2", to_worker_sid: null, body: "", media: [], client_ref: null, date_created: iso(NOW), ...change,
    };
    this.notes.push(stored);
    if (tell) this.tell({ type: "internal", conversation_sid: "CH1", message: stored });
    return stored;
  }

  tell(event: Record<string, unknown>): void {
    for (const socket of this.sockets) socket.onmessage?.({ data: JSON.stringify(event) });
  }

  cut(): void {
    this.reachable = false;
    for (const socket of this.sockets.splice(0)) {
      socket.readyState = 3;
      socket.onclose?.({ code: 1006 });
    }
  }
}

/** Sockets of a server, to be made by `new` without an address. */
export function socketsOf(server: FakeServer): typeof WebSocket {
  return class extends FakeSocket {
    constructor() {
      super(server);
    }
  } as unknown as typeof WebSocket;
}

class FakeSocket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(private readonly server: FakeServer) {
    setTimeout(() => {
      if (!server.reachable || server.refusesSockets) return this.onclose?.({ code: 1006 });
      this.readyState = 1;
      server.sockets.push(this);
      this.onopen?.();
    }, 0);
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }

  close(): void {
    this.server.sockets = this.server.sockets.filter((socket) => socket !== this);
  }
}
