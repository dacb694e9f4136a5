import { describe, expect, it } from "vitest";

import { held, iso, message, NOW, reservation, snapshot } from "./fixtures";
import { defaultSettings, emptyModel, reduce, type Action } from "./model";
import {
  attentionCount, customerName, listView, neighbour, newsOf, nextUnread, offersOf, readableAddress, shownTasks, tasksOf, thresholdsOf,
  waitingSince, waitLevel, windowEnd, type ListView,
} from "./tasks";

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

  it.each([
    ["the first unanswered message", { waiting_since: at(50), last_customer_at: at(20) }, NOW - 50_000],
    ["nothing after the agent's answer", { waiting_since: null, last_customer_at: at(20) }, null],
    ["the task's start, not what the bot heard before", { waiting_since: at(500), last_customer_at: at(400) }, NOW - 90_000],
    ["the task's start while nobody has written", {}, NOW - 90_000],
    ["nothing where the agent wrote first", { last_message: { index: 0, author: "", body: "", source: "agent" as const, date_created: at(30) } }, null],
  ])("is %s", (_, conversation, expected) => {
    expect(waitingSince(held("1", { conversation }), 0)).toBe(expected);
  });

  it("is over when the task wraps up or the conversation is closed", () => {
    expect(waitingSince(held("1", { status: "wrapping" }), 0)).toBeNull();
    expect(waitingSince(held("1", { conversation: { state: "closed" } }), 0)).toBeNull();
  });

  it("turns yellow and red where the account says so, on each channel", () => {
    const settings = { ...defaultSettings, by_channel: { sms: { warn_after: 10, late_after: 20 } } };

    expect([null, 179, 180, 300].map((seconds) => waitLevel(seconds, thresholdsOf(settings, "chat")))).toEqual(["none", "calm", "warn", "late"]);
    expect([9, 10, 20].map((seconds) => waitLevel(seconds, thresholdsOf(settings, "sms")))).toEqual(["calm", "warn", "late"]);
  });
});

describe("the list's view", () => {
  const ago = (seconds: number) => iso(NOW - seconds * 1_000);
  const said = (seconds: number) => ({ index: 0, author: "", body: "Order 77", source: "customer" as const, date_created: ago(seconds) });
  const model = reduce(emptyModel, {
    type: "snapshot", asked: 0, now: NOW,
    state: snapshot([
      reservation("a", { date_created: ago(90), task: { age: 900 }, conversation: { customer_name: "Eva", waiting_since: ago(20), last_customer_at: ago(20), last_message: said(20), unread: 1 } }),
      reservation("b", { date_created: ago(80), task: { age: 900 }, conversation: { customer_name: "Bo", last_customer_at: ago(5), last_message: said(5) } }),
      reservation("c", { date_created: ago(70), status: "wrapping", task: { age: 900 }, conversation: { customer_name: "Cy", last_message: said(60) } }),
      reservation("d", { date_created: ago(60), task: { age: 900 }, conversation: { customer_name: "Di", waiting_since: ago(200), last_customer_at: ago(9), last_message: said(9) } }),
    ]),
  });
  const sids = (view: Partial<ListView>, search = "") => shownTasks(model, { ...listView(null), ...view }, search).map(({ sid }) => sid).join("");

  it("orders and filters", () => {
    expect([sids({}), sids({ order: "waiting" }), sids({ order: "recent" })]).toEqual(["abcd", "dabc", "bdac"]);
    expect([sids({ only: "unread" }), sids({ only: "waiting" }), sids({ only: "wrapping" })]).toEqual(["a", "ad", "c"]);
    expect([sids({}, "eva"), sids({}, "order 77"), sids({}, "nobody")]).toEqual(["a", "abcd", ""]);
  });

  it("reads what it does not know as the default", () => {
    expect([listView("x"), listView({ order: "up", only: 3 })]).toEqual([listView(null), listView(null)]);
  });
});

it("knows when a channel stops to take free text", () => {
  const limits = { max_body: 1, max_media: 1, max_media_bytes: 1, window_seconds: 86_400, strips: [] };

  expect(windowEnd(held("1", { conversation: { limits, last_customer_at: iso(NOW) } }))).toBe(NOW + 86_400_000);
  expect(windowEnd(held("1", { conversation: { limits, last_customer_at: null } }))).toBe(0);
  expect(windowEnd(held("1", { conversation: { limits: { ...limits, window_seconds: null } } }))).toBeNull();
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
