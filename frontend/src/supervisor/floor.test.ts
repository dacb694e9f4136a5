import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { Floor } from "./floor";

const sockets: FakeSocket[] = [];

class FakeSocket {
  readyState = 1;
  sent: unknown[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  constructor() {
    sockets.push(this);
  }

  send(data: string): void {
    this.sent.push(JSON.parse(data));
  }

  close(): void {
    this.readyState = 3;
  }

  hear(event: Record<string, unknown>): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }
}

const KEYS = [["wallboard", "today"], ["help"], ["agents", {}, 0], ["chats", {}, 0], ["watching", "CH1"], ["talk", "CH1"], ["talk", "CH2"], ["conversation", "CH1"]];

let client: QueryClient;
let socket: FakeSocket;
let floor: Floor;

/** The queries that are old now, by what they are of; all of them are new afterwards. */
function outdated(): string[] {
  const found = KEYS.filter((key) => client.getQueryState(["supervisor", ...key])?.isInvalidated).map((key) => key.join(" ").replace(/ \[object Object\].*/, ""));
  fill();
  return found;
}

function fill(): void {
  for (const key of KEYS) client.setQueryData(["supervisor", ...key], {});
}

beforeEach(() => {
  client = new QueryClient();
  floor = new Floor();
  fill();
  floor.open(client, FakeSocket as unknown as typeof WebSocket);
  socket = sockets.at(-1)!;
});

afterEach(() => floor.close());

describe("the floor's socket", () => {
  it("asks for the floor and for the conversation on screen, and reads everything anew, whenever it opens", () => {
    const stop = floor.watch("CH1");
    socket.sent = [];
    socket.onopen?.();
    expect(socket.sent).toEqual([{ type: "watch_floor" }, { type: "watch", conversation_sid: "CH1" }]);
    expect(outdated()).toEqual(["wallboard today", "help", "agents", "chats", "watching CH1", "talk CH1", "talk CH2", "conversation CH1"]);
    stop();
    expect(socket.sent.at(-1)).toEqual({ type: "unwatch", conversation_sid: "CH1" });
  });

  it("reads anew what a hint makes old, and nothing else", () => {
    socket.onopen?.();
    outdated();
    socket.hear({ type: "floor", what: "help" });
    expect(outdated()).toEqual(["wallboard today", "help", "chats", "watching CH1"]);
    socket.hear({ type: "floor", what: "watchers" });
    expect(outdated()).toEqual(["chats", "watching CH1"]);
    socket.hear({ type: "floor", what: "work" });
    expect(outdated()).toEqual(["wallboard today", "agents", "chats", "watching CH1"]);
    socket.hear({ type: "message", conversation_sid: "CH2", message: {} });
    expect(outdated()).toEqual(["talk CH2"]);
    socket.hear({ type: "typing", conversation_sid: "CH1" });
    expect(outdated()).toEqual([]);
  });

  it("keeps hearing a conversation that is looked at twice until both looks end", () => {
    const [one, other] = [floor.watch("CH1"), floor.watch("CH1")];
    socket.sent = [];
    one();
    expect(socket.sent).toEqual([]);
    other();
    expect(socket.sent).toEqual([{ type: "unwatch", conversation_sid: "CH1" }]);
  });
});
