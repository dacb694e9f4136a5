/** Scenes of a chat that is not one: the real widget, with nobody behind it. */

import { Chat } from "../../../webchat/src/chat";
import type { Options } from "../../../webchat/src/options";
import type { ChatState } from "../../../webchat/src/state";
import type { Store } from "../../../webchat/src/store";
import { addMessage, emptyTimeline, type Message } from "../../../webchat/src/timeline";

export const SCENES = { chat: "Chat", start: "Start", queue: "Waiting", hours: "Outside hours" } as const;
export type Scene = keyof typeof SCENES;

const nothing: Store = {
  session: () => null,
  saveSession: () => undefined,
  unsent: () => [],
  saveUnsent: () => undefined,
  sound: () => null,
  saveSound: () => undefined,
  onOtherTab: () => () => undefined,
};

/** A chat that shows a scene and sends nothing. */
export function previewChat(options: Options, scene: Scene): { chat: Chat; store: Store } {
  const chat = new Chat({ ...options, identityToken: null, store: nothing, fetch: () => new Promise<Response>(() => undefined) });
  chat.state = { ...chat.state, ...stateOf(scene) };
  return { chat, store: nothing };
}

function stateOf(scene: Scene): Partial<ChatState> {
  if (scene === "start" || scene === "hours") return {};
  const said = [
    message(0, "Hi! Does the Fjell 2 tent fit into a bike bag?", { own: true, source: "customer" }),
    message(1, "Good question. Shall I look it up, or would you rather talk to somebody?", {
      quickReplies: [{ title: "Look it up", payload: "look" }, { title: "Talk to somebody", payload: "agent" }],
    }),
  ];
  const agents = [
    message(2, "Talk to somebody", { own: true, source: "customer" }),
    message(3, "Hello, Ana here. It does: 42 × 14 cm, 1.9 kg.", { source: "agent", authorName: "Ana" }),
  ];
  const isWaiting = scene === "queue";
  const timeline = [...said, ...(isWaiting ? agents.slice(0, 1) : agents)].reduce(addMessage, emptyTimeline);
  return {
    timeline,
    phase: "active",
    connection: "open",
    readIndex: 3,
    agentRead: isWaiting ? -1 : 3,
    agent: isWaiting ? null : "Ana",
    queue: isWaiting ? { ahead: 2, expected: 180, since: new Date() } : null,
  };
}

function message(index: number, body: string, change: Partial<Message>): Message {
  const sentAt = new Date(Date.now() - (10 - index) * 60_000);
  return { kind: "message", index, own: false, authorName: "", source: "flow", body, media: [], quickReplies: [], sentAt, ref: null, ...change };
}
