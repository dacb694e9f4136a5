import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Chat } from "./chat";
import { FakeServer, MemoryStore } from "./fakes";
import { defaultTexts } from "./texts";
import { entriesOf } from "./timeline";

let server: FakeServer;
let store: MemoryStore;

function newChat(): Chat {
  let refs = 0;
  return new Chat({
    server: "https://chat.example", deploymentKey: "K", texts: defaultTexts, store,
    fetch: server.fetch, WebSocket: server.WebSocket, newRef: () => `r${++refs}`,
  });
}

/** What is on the screen: `>` own, `<` others, `?` sending, `!` failed. */
function screen(chat: Chat): string[] {
  return entriesOf(chat.state.timeline).map((entry) => {
    if (entry.kind === "note") return `(${entry.text})`;
    if (entry.kind === "outgoing") return `> ${entry.body}${entry.status === "failed" ? "!" : "?"}`;
    return `${entry.own ? ">" : "<"} ${entry.body}`;
  });
}

const settle = (ms = 20) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  server = new FakeServer();
  store = new MemoryStore();
});
afterEach(() => vi.useRealTimers());

describe("a chat", () => {
  it("starts with the first message and shows it at once", async () => {
    const chat = newChat();
    chat.resume();
    await settle();
    expect(server.requests).toEqual([]);

    chat.introduce({ name: "Eva" });
    chat.send("  Hello ");
    expect(screen(chat)).toEqual(["> Hello?"]);
    await settle();

    expect(screen(chat)).toEqual(["> Hello"]);
    expect(server.requests).toEqual([
      { url: "https://chat.example/webchat/v1/sessions", body: { deployment_key: "K", pre_engagement_data: { name: "Eva" } } },
    ]);
    expect(server.sockets[0]?.url).toBe("wss://chat.example/ws/webchat/?token=T1&after=-1");
    expect(store.saved).toMatchObject({ token: "T1", conversationSid: "CH1" });
  });

  it("shows a long-lost chat after a reload, without another session", async () => {
    store.saved = { token: "T1", conversationSid: "CH1", identity: "v", readIndex: 0 };
    server.say("Welcome");
    server.say("Still there?");
    const chat = newChat();
    chat.resume();
    await settle();

    expect(screen(chat)).toEqual(["< Welcome", "< Still there?"]);
    expect(chat.state.readIndex).toBe(0);
    expect(server.requests).toEqual([]);
  });

  it("catches up after a lost socket and sends what waited, once", async () => {
    const chat = newChat();
    chat.send("one");
    await settle();
    server.reachable = false;
    server.drop();
    server.say("you missed this");
    chat.send("two");
    expect(chat.state.connection).toBe("lost");
    expect(screen(chat)).toEqual(["> one", "> two?"]);

    server.reachable = true;
    await settle(20_000);

    expect(chat.state.connection).toBe("open");
    expect(server.sockets.at(-1)?.url).toContain("&after=0");
    expect(screen(chat)).toEqual(["> one", "< you missed this", "> two"]);
    expect(server.messages).toHaveLength(3);
  });

  it("sends again under the same reference when no acknowledgement comes", async () => {
    const chat = newChat();
    chat.send("one");
    await settle();
    server.silent = true;
    chat.send("two");
    await settle(9_000);
    expect(screen(chat)).toEqual(["> one", "> two?"]);

    server.silent = false;
    await settle(3_000);

    expect(screen(chat)).toEqual(["> one", "> two"]);
    expect(server.messages.map((message) => message.body)).toEqual(["one", "two"]);
  });

  it("sends after a reload what the page before could not", async () => {
    store.waiting = [{ ref: "old", body: "wait for me", sentAt: "2026-01-05T09:00:00Z" }];
    const chat = newChat();
    chat.resume();
    await settle();

    expect(screen(chat)).toEqual(["> wait for me"]);
    expect(server.messages[0]?.ref).toBe("old");
    expect(store.waiting).toEqual([]);
  });

  it("keeps trying while the server is down and says so", async () => {
    server.sessionAnswers = ["down", 503];
    const chat = newChat();
    chat.send("hello?");
    await settle();
    expect(chat.state.connection).toBe("lost");

    await settle(5_000);

    expect(screen(chat)).toEqual(["> hello?"]);
    expect(server.requests).toHaveLength(3);
  });

  it("fails a message with the server's reason and sends it again when asked", async () => {
    server.sessionAnswers = [404];
    const chat = newChat();
    chat.send("hello");
    await settle();
    expect(chat.state.timeline.outgoing[0]).toMatchObject({ status: "failed", error: "Unknown deployment key" });

    chat.retry("r1");
    await settle();

    expect(screen(chat)).toEqual(["> hello"]);
  });

  it("fails the one message an error names", async () => {
    const chat = newChat();
    chat.send("one");
    await settle();
    server.silent = true;
    chat.send("two");
    server.broadcast({ type: "error", ref: "r2", message: "Too long" });
    expect(screen(chat)).toEqual(["> one", "> two!"]);
    expect(chat.state.timeline.outgoing[0]?.error).toBe("Too long");
    server.broadcast({ type: "error", ref: "r2", code: 20429, message: "Too many messages at once. Wait a moment." });
    expect(chat.state.timeline.outgoing[0]?.error).toBe("That was a lot at once. Wait a moment, then try again.");

    chat.discard("r2");

    expect(screen(chat)).toEqual(["> one"]);
  });

  it("tells who joins, who types and who leaves", async () => {
    const chat = newChat();
    chat.send("agent please");
    await settle();
    server.broadcast({ type: "participant", kind: "agent", name: "Ana", joined: true });
    server.broadcast({ type: "typing", author: "ana" });
    expect(chat.state).toMatchObject({ agent: "Ana", typing: "Ana" });

    server.say("Hi", "agent", "Ana");
    expect(chat.state.typing).toBeNull();
    server.broadcast({ type: "typing", author: "ana" });
    await settle(7_000);
    expect(chat.state.typing).toBeNull();
    server.broadcast({ type: "participant", kind: "agent", name: "Ana", joined: false });

    expect(chat.state.agent).toBeNull();
    expect(screen(chat)).toEqual(["> agent please", "(Ana joined the chat)", "< Hi", "(Ana left the chat)"]);
  });

  it("sends typing at most once in three seconds", async () => {
    const chat = newChat();
    chat.send("x");
    await settle(4_000);
    for (let i = 0; i < 5; i += 1) chat.notifyTyping();
    await settle(3_100);
    chat.notifyTyping();

    expect(server.sockets[0]?.sent.filter((event) => event.type === "typing")).toHaveLength(2);
  });

  it("ends when the conversation is closed, and starts anew on request", async () => {
    const chat = newChat();
    chat.send("bye");
    await settle();
    server.broadcast({ type: "closed" });
    chat.send("too late");
    expect(chat.state.phase).toBe("closed");
    expect(screen(chat)).toEqual(["> bye"]);

    chat.restart();

    expect(chat.state).toMatchObject({ phase: "idle", readIndex: -1 });
    expect(screen(chat)).toEqual([]);
    expect(store.saved).toBeNull();
  });

  it("forgets a token the server does not know any more", async () => {
    store.saved = { token: "old", conversationSid: "CH0", identity: "v", readIndex: 3 };
    server.refuseToken = true;
    const chat = newChat();
    chat.resume();
    await settle();

    expect(chat.state).toMatchObject({ phase: "idle", connection: "closed" });
    expect(store.saved).toBeNull();
  });

  it("says that a chat on the screen has expired", async () => {
    const chat = newChat();
    chat.send("x");
    await settle();
    server.refuseToken = true;
    server.drop();
    await settle(5_000);

    expect(chat.state.phase).toBe("expired");
  });

  it("follows the chat another tab started", async () => {
    const chat = newChat();
    chat.resume();
    server.say("from the other tab");
    store.saved = { token: "T2", conversationSid: "CH1", identity: "v", readIndex: -1 };
    store.listeners.forEach((listener) => listener());
    await settle();

    expect(server.sockets[0]?.url).toContain("token=T2");
    expect(screen(chat)).toEqual(["< from the other tab"]);
  });

  it("does not start a second session when another tab has just started one", async () => {
    const chat = newChat();
    chat.resume();
    store.saved = { token: "T2", conversationSid: "CH1", identity: "v", readIndex: -1 };
    chat.send("me too");
    await settle();

    expect(server.requests).toEqual([]);
    expect(screen(chat)).toEqual(["> me too"]);
  });

  it("tells the server and the store what was read, once", async () => {
    const chat = newChat();
    chat.send("x");
    await settle();
    server.say("y");
    chat.markRead();
    chat.markRead();

    expect(server.sockets[0]?.sent.filter((event) => event.type === "read")).toEqual([{ type: "read", index: 1 }]);
    expect(store.saved?.readIndex).toBe(1);
  });
});

describe("a signed user", () => {
  const signed = (answers: (number | "down")[]) => {
    server.sessionAnswers = answers;
    const chat = new Chat({
      server: "https://chat.example", deploymentKey: "K", texts: defaultTexts, store, identityToken: "T",
      fetch: server.fetch, WebSocket: server.WebSocket,
    });
    chat.resume();
    return chat;
  };

  it("goes on with the chat they have elsewhere", async () => {
    server.say("From the other browser");
    const chat = signed([201]);
    await vi.advanceTimersByTimeAsync(20);

    expect(server.requests[0]!.body).toMatchObject({ identity_token: "T", is_only_resuming: true });
    expect(chat.state.timeline.messages.map((message) => message.body)).toEqual(["From the other browser"]);
  });

  it.each([0, 20])("begins one with the first message where there is none (written after %i ms)", async (pause) => {
    const chat = signed([404]);
    if (pause) await vi.advanceTimersByTimeAsync(pause);
    expect([chat.state.phase, chat.state.error]).toEqual(["idle", null]);

    chat.send("Hello");
    await vi.advanceTimersByTimeAsync(20);

    expect(server.requests[1]!.body).not.toHaveProperty("is_only_resuming");
    expect(server.messages.map((message) => message.body)).toEqual(["Hello"]);
  });
});

it("gets another token before this one ends", async () => {
  store.saved = { token: "OLD", conversationSid: "CH1", identity: "v", readIndex: -1, expiresAt: Date.now() + 4 * 3_600_000 };
  const chat = new Chat({
    server: "https://chat.example", deploymentKey: "K", texts: defaultTexts, store, fetch: server.fetch, WebSocket: server.WebSocket,
  });
  chat.resume();
  await vi.advanceTimersByTimeAsync(3_700_000);

  expect(server.requests.at(-1)).toMatchObject({ url: "https://chat.example/webchat/v1/sessions/refresh", body: { token: "OLD" } });
  expect(store.saved.token).toBe("T1");
  expect(server.sockets.at(-1)!.url).toContain("token=T1");
});
