/** Stand-ins for the tests: a server that holds one conversation, and a store without a browser. */

import type { Session, Store, Unsent } from "./store";

type Stored = { index: number; source: string; body: string; ref?: string; author_name: string };

/** Answers `fetch` and `WebSocket` as docs/contracts.md §7 says. */
export class FakeServer {
  messages: Stored[] = [];
  sockets: FakeSocket[] = [];
  requests: { url: string; body: unknown }[] = [];
  /** What the next session requests answer; "down" is no answer at all. Empty: a session is made. */
  sessionAnswers: (number | "down")[] = [];
  /** Take messages and store them, but lose the answer. */
  silent = false;
  reachable = true;
  /** What every session request is refused with. */
  refusal: Record<string, unknown> | null = null;
  refuseToken = false;

  readonly fetch = (async (url: string, init: RequestInit) => {
    this.requests.push({ url, body: JSON.parse(String(init.body)) });
    if (this.refusal) return new Response(JSON.stringify(this.refusal), { status: 400 });
    const answer = this.sessionAnswers.shift() ?? 201;
    if (answer === "down") throw new TypeError("Failed to fetch");
    const body =
      answer === 201
        ? { token: "T1", conversation_sid: "CH1", identity: "visitor" }
        : { code: 20001, message: "Unknown deployment key", status: answer };
    return new Response(JSON.stringify(body), { status: answer });
  }) as unknown as typeof fetch;

  readonly WebSocket: typeof WebSocket;

  constructor() {
    const open = (url: string) => new FakeSocket(url, this);
    // Called with `new`, which an arrow function refuses.
    this.WebSocket = function Socket(url: string) {
      return open(url);
    } as unknown as typeof WebSocket;
  }

  /** Another party writes. */
  say(body: string, source = "flow", author_name = "Assistant"): void {
    this.store({ source, body, author_name });
  }

  store(message: Omit<Stored, "index">): Stored {
    const stored = { ...message, index: this.messages.length };
    this.messages.push(stored);
    if (!this.silent) this.broadcast({ type: "message", ...stored });
    return stored;
  }

  broadcast(event: Record<string, unknown>): void {
    for (const socket of this.sockets) if (socket.readyState === 1) socket.hear(event);
  }

  take(socket: FakeSocket, event: { type: string; body?: string; ref?: string }): void {
    if (event.type !== "message" && event.type !== "leave_message") return;
    const known = this.messages.find((message) => message.ref === event.ref);
    const stored = known ?? this.store({ source: "customer", body: event.body ?? "", ref: event.ref, author_name: "" });
    if (!this.silent) socket.hear({ type: "ack", ref: event.ref, index: stored.index });
  }

  /** The network goes: every socket closes. */
  drop(code = 1006): void {
    for (const socket of this.sockets.splice(0)) socket.end(code);
  }
}

export class FakeSocket {
  readyState = 0;
  sent: { type: string; body?: string; ref?: string; index?: number }[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor(
    readonly url: string,
    private readonly server: FakeServer,
  ) {
    setTimeout(() => this.begin(), 0);
  }

  private begin(): void {
    if (this.readyState !== 0) return;
    if (!this.server.reachable) return this.end(1006);
    if (this.server.refuseToken) return this.end(4401);
    this.readyState = 1;
    this.server.sockets.push(this);
    this.onopen?.();
    const after = Number(new URL(this.url).searchParams.get("after"));
    for (const message of this.server.messages) if (message.index > after) this.hear({ type: "message", ...message });
  }

  send(data: string): void {
    const event = JSON.parse(data) as { type: string };
    this.sent.push(event);
    this.server.take(this, event);
  }

  hear(event: Record<string, unknown>): void {
    if (this.readyState === 1) this.onmessage?.({ data: JSON.stringify({ date_created: "2026-01-05T10:00:00Z", ...event }) });
  }

  end(code: number): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.({ code });
  }

  close(): void {
    this.end(1000);
  }
}

/** A store whose content a test can read and change as another tab would. */
export class MemoryStore implements Store {
  listeners: (() => void)[] = [];

  constructor(
    public saved: Session | null = null,
    public waiting: readonly Unsent[] = [],
  ) {}

  session = () => this.saved;
  saveSession = (session: Session | null) => void (this.saved = session);
  unsent = () => this.waiting;
  saveUnsent = (unsent: readonly Unsent[]) => void (this.waiting = unsent);
  sound = () => null;
  saveSound = () => undefined;
  onOtherTab = (listener: () => void) => {
    this.listeners.push(listener);
    return () => undefined;
  };
}
