import { describe, expect, it } from "vitest";

import { held, iso, message, NOW, reservation, snapshot } from "./fixtures";
import { emptyModel, reduce, type Action } from "./model";
import {
  attentionCount, customerName, neighbour, newsOf, nextUnread, offersOf, readableAddress, tasksOf, waitingSince, waitLevel,
} from "./tasks";
import { addLatest, emptyTranscript } from "./transcript";

const model = reduce(emptyModel, {
  type: "snapshot", asked: 0, now: NOW,
  state: snapshot([
    reservation("b", { date_created: iso(NOW - 5_000), conversation: { unread: 2 } }),
    reservation("a", { date_created: iso(NOW - 9_000) }),
    reservation("late", { status: "pending", expires_at: iso(NOW + 60_000) }),
    reservation("soon", { status: "pending", expires_at: iso(NOW + 9_000) }),
    reservation("w", { status: "wrapping", date_created: iso(NOW - 7_000) }),
  ]),
});

it("lists offers by what is left of them, and tasks as they came", () => {
  expect(offersOf(model).map((item) => item.sid)).toEqual(["soon", "late"]);
  expect(tasksOf(model).map((item) => item.sid)).toEqual(["a", "w", "b"]);
  expect(attentionCount(model)).toBe(3);
});

it("walks the list round its ends", () => {
  const tasks = tasksOf(model);

  expect(["a", "w", "b"].map((sid) => neighbour(tasks, sid, 1))).toEqual(["w", "b", "a"]);
  expect([neighbour(tasks, "a", -1), neighbour(tasks, null, 1), neighbour([], null, 1)]).toEqual(["b", "a", null]);
  expect([nextUnread(tasks, "a"), nextUnread(tasks, "b"), nextUnread([], null)]).toEqual(["b", "b", null]);
});

describe("the customer's name", () => {
  it.each([
    [{ conversation: { customer_name: "Eva" } }, "Eva"],
    [{ conversation: { customer_name: "" }, task: { attributes: { name: "Task’s Eva" } } }, "Task’s Eva"],
    [{ conversation: { customer_name: "", customer_address: "whatsapp:+34600" } }, "+34600"],
    [{ conversation: { customer_name: "visitor-a3c397e06d7367ef" } }, "Visitor a3c3"],
    [{ conversation: null }, "Unknown customer"],
  ])("of %j is %s", (change, expected) => {
    expect(customerName(reservation("1", change))).toBe(expected);
  });

  it("keeps an address that is no number", () => {
    expect(readableAddress("messenger:ana.b")).toBe("messenger:ana.b");
  });
});

describe("waitingSince", () => {
  const at = (seconds: number) => iso(NOW - seconds * 1_000);
  const loaded = (...messages: Parameters<typeof message>[1][]) =>
    addLatest(emptyTranscript, messages.map((change, index) => message(index, change)));

  it.each([
    ["the first unanswered message", loaded({ source: "agent" }, { date_created: at(50) }, { date_created: at(20) }), NOW - 50_000],
    ["nothing after the agent's answer", loaded({}, { source: "agent" }), null],
    ["the task's start while no agent has written", loaded({ date_created: at(500) }, { source: "flow" }), NOW - 90_000],
  ])("is %s", (_, transcript, expected) => {
    expect(waitingSince(held("1"), transcript, 0)).toBe(expected);
  });

  it("goes by the last message while the transcript is not there", () => {
    const last = (source: "customer" | "agent" | "flow") =>
      waitingSince(held("1", { conversation: { last_message: { index: 4, author: "", body: "", source, date_created: at(30) } } }), emptyTranscript, 0);

    expect([last("customer"), last("agent"), last("flow")]).toEqual([NOW - 30_000, null, NOW - 90_000]);
  });

  it("is over when the task wraps up or the conversation is closed", () => {
    expect(waitingSince(held("1", { status: "wrapping" }), emptyTranscript, 0)).toBeNull();
    expect(waitingSince(held("1", { conversation: { state: "closed" } }), emptyTranscript, 0)).toBeNull();
  });

  it("turns yellow at three minutes and red at five", () => {
    expect([null, 179, 180, 300].map(waitLevel)).toEqual(["none", "calm", "warn", "late"]);
  });
});

describe("newsOf", () => {
  const step = (action: Action) => newsOf(model, action, reduce(model, action)).map((news) => [news.kind, news.reservation.sid]);
  const pending = reservation("new", { status: "pending" });

  it.each<[string, Action, unknown]>([
    ["an offer", { type: "reservation", reservation: pending, now: NOW }, [["offer", "new"]]],
    ["a missed offer", { type: "reservation", reservation: { ...reservation("soon"), status: "timeout", date_updated: iso(NOW) }, now: NOW }, [["offer gone", "soon"]]],
    ["nothing of one's own accept", { type: "reservation", reservation: { ...reservation("soon"), date_updated: iso(NOW) }, now: NOW }, []],
    ["a customer's message", { type: "message", conversation: "CHb", message: message(3) }, [["message", "b"]]],
    ["nothing of an agent's", { type: "message", conversation: "CHb", message: message(3, { source: "agent" }) }, []],
    ["nothing of a conversation that is not ours", { type: "message", conversation: "CHx", message: message(3) }, []],
  ])("tells %s", (_, action, expected) => {
    expect(step(action)).toEqual(expected);
  });

  it("does not tell a message twice", () => {
    const action: Action = { type: "message", conversation: "CHb", message: message(3) };
    const after = reduce(model, action);

    expect(newsOf(after, action, reduce(after, action))).toEqual([]);
  });
});
