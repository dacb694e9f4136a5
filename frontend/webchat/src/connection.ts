/** A socket that comes back: growing pauses, at once when the network or the tab returns. */

export type Status = "closed" | "connecting" | "open" | "lost";

export type ConnectionOptions = {
  /** The address of the next attempt: it names the last message that is here. */
  url: () => string;
  onEvent: (event: Record<string, unknown>) => void;
  onStatus: (status: Status) => void;
  /** The server refuses the token (close code 4401): no further attempt is made. */
  onRefused: () => void;
  WebSocket?: typeof WebSocket;
  /** A number from 0 to 1 that spreads the attempts of many browsers. */
  random?: () => number;
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
const STABLE_MS = 5_000;
const REFUSED = 4401;

export class Connection {
  private socket: WebSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private wanted = false;
  private readonly comeBack = () => {
    if (this.wanted && !this.socket && document.visibilityState !== "hidden") this.connect();
  };

  constructor(private readonly options: ConnectionOptions) {}

  open(): void {
    if (this.wanted) return;
    this.wanted = true;
    window.addEventListener("online", this.comeBack);
    document.addEventListener("visibilitychange", this.comeBack);
    this.options.onStatus("connecting");
    this.connect();
  }

  close(): void {
    this.wanted = false;
    window.removeEventListener("online", this.comeBack);
    document.removeEventListener("visibilitychange", this.comeBack);
    clearTimeout(this.timer);
    this.drop();
    this.attempts = 0;
    this.options.onStatus("closed");
  }

  /** Give up on a socket that looks open but does not answer, and connect anew. */
  restart(): void {
    if (!this.wanted) return;
    this.drop();
    this.options.onStatus("lost");
    this.connect();
  }

  /** Send a value; false when there is no open socket. */
  send(value: Record<string, unknown>): boolean {
    if (this.socket?.readyState !== 1) return false;
    this.socket.send(JSON.stringify(value));
    return true;
  }

  private connect(): void {
    clearTimeout(this.timer);
    const Socket = this.options.WebSocket ?? WebSocket;
    const socket = new Socket(this.options.url());
    this.socket = socket;
    let openedAt = Infinity;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      openedAt = Date.now();
      this.options.onStatus("open");
    };
    socket.onmessage = (message: MessageEvent) => {
      if (this.socket !== socket) return;
      const event = readEvent(message.data);
      if (event) this.options.onEvent(event);
    };
    socket.onclose = (event: CloseEvent) => {
      if (this.socket !== socket) return;
      this.socket = null;
      // A server that accepts and hangs up at once must not be asked twice a second.
      if (Date.now() - openedAt > STABLE_MS) this.attempts = 0;
      if (event.code === REFUSED) {
        this.close();
        this.options.onRefused();
      } else if (this.wanted) {
        this.options.onStatus("lost");
        this.timer = setTimeout(() => this.connect(), this.pause());
      }
    };
  }

  private pause(): number {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.attempts);
    this.attempts += 1;
    return longest * (0.5 + 0.5 * (this.options.random ?? Math.random)());
  }

  private drop(): void {
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }
}

/** A JSON object with a `type`, or null for anything else. */
function readEvent(data: unknown): Record<string, unknown> | null {
  if (typeof data !== "string") return null;
  try {
    const value: unknown = JSON.parse(data);
    if (value && typeof value === "object" && "type" in value) return value as Record<string, unknown>;
  } catch {
    // Not ours: a proxy's page or a broken frame. The next reconnect reads what was missed.
  }
  return null;
}
