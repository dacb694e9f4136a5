import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ApiError } from "../api/client";
import { ConsoleClient } from "./client";
import { iso, NOW, range, reservation, snapshot } from "./core/fixtures";
import type { News } from "./core/tasks";
import { FakeServer, socketsOf } from "./testing/fakeServer";

let server: FakeServer;
let client: ConsoleClient;
let news: News[];

function newClient(): ConsoleClient {
  let refs = 0;
  const made = new ConsoleClient({
    requests: server.requests, WebSocket: socketsOf(server), newRef: () => `r${++refs}`,
  });
  made.onNews((all) => news.push(...all));
  return made;
}

/** Bodies of the transcript; `?` on its way, `!` failed. */
const screen = () => {
  const transcript = client.model.transcripts["CH1"];
  return [
    ...(transcript?.messages ?? []).map((item) => item.body),
    ...(transcript?.outgoing ?? []).map((entry) => entry.body + (entry.status === "failed" ? "!" : "?")),
  ];
};
const settle = (ms = 20) => vi.advanceTimersByTimeAsync(ms);

beforeEach(async () => {
  vi.useFakeTimers({ now: NOW });
  localStorage.clear();
  server = new FakeServer();
  news = [];
  client = newClient();
  client.start();
  await settle();
  await client.reading.open("CH1");
});
afterEach(() => {
  client.stop();
  vi.useRealTimers();
});

describe("the console's client", () => {
  it("watches its conversations and reads them", () => {
    expect(server.sockets[0]?.sent).toContainEqual({ type: "watch", conversation_sid: "CH1" });
    expect(screen()).toEqual(["m0", "m1", "m2"]);
  });

  it("shows a message at once and stores it once, whoever tells first", async () => {
    client.sending.send("CH1", "Hello");
    expect(screen()).toEqual(["m0", "m1", "m2", "Hello?"]);
    await settle();

    expect(screen()).toEqual(["m0", "m1", "m2", "Hello"]);
  });

  it("sends in the order written", async () => {
    for (const body of ["one", "two", "three"]) client.sending.send("CH1", body);
    await settle();

    expect(server.messages.slice(3).map((item) => item.body)).toEqual(["one", "two", "three"]);
  });

  it("reads what a socket event shows to be missing", async () => {
    server.add({ body: "missed" }, false);
    server.add({ body: "heard" });
    await settle();

    expect(screen()).toEqual(["m0", "m1", "m2", "missed", "heard"]);
  });

  it("catches up without a gap after the connection was lost, and sends what was written meanwhile", async () => {
    server.cut();
    for (let i = 0; i < 120; i += 1) server.add({ body: `away ${i}` }, false);
    client.sending.send("CH1", "written offline");
    await settle(2_000);
    expect(client.model.socket).toBe("lost");
    expect(screen().at(-1)).toBe("written offline?");

    server.reachable = true;
    await settle(30_000);

    expect(client.model.socket).toBe("open");
    expect(screen()).toHaveLength(124);
    expect(screen().at(-1)).toBe("written offline");
    expect(server.messages.filter((item) => item.client_ref)).toHaveLength(1);
  });

  it("tries again by itself when the server stumbles, under the same reference", async () => {
    server.refusals = [new ApiError(0, "Oops", 500), new ApiError(0, "Busy", 429)];
    client.sending.send("CH1", "Hello");
    await settle(10_000);

    expect(server.sends).toEqual(["r1", "r1", "r1"]);
    expect(screen().at(-1)).toBe("Hello");
  });

  it("says why a message was refused, and sends it again when asked", async () => {
    server.refusals = [new ApiError(20001, "Too old to answer.", 400)];
    client.sending.send("CH1", "Hello");
    client.sending.send("CH1", "Second");
    await settle();
    const [failed] = client.model.transcripts["CH1"]!.outgoing;
    expect(failed).toMatchObject({ status: "failed", error: "Too old to answer." });

    client.sending.retry("CH1", failed!);
    await settle();

    expect(screen().slice(3)).toEqual(["Second", "Hello"]);
  });

  it("goes on sending after a reload", async () => {
    server.cut();
    client.sending.send("CH1", "before the reload");
    await settle();
    client.stop();

    server.reachable = true;
    client = newClient();
    client.start();
    await settle();
    await client.reading.open("CH1");

    expect(screen()).toEqual(["m0", "m1", "m2", "before the reload"]);
    expect(localStorage.length).toBe(0);
  });

  it("tells of an offer, and drops it when another tab answers", async () => {
    const offer = reservation("2", { status: "pending", date_updated: iso(NOW) });
    server.tell({ type: "reservation", reservation: offer });
    server.tell({ type: "reservation", reservation: offer });
    expect(news.map((item) => item.kind)).toEqual(["offer"]);

    server.tell({ type: "reservation", reservation: { ...offer, status: "rejected" } });

    expect(client.model.reservations["2"]).toBeUndefined();
  });

  it("reads the truth when its answer comes too late", async () => {
    server.reservations.push(reservation("2", { status: "pending" }));
    await client.refresh();
    server.reservations.pop();

    await expect(client.answer("2", "accepted")).rejects.toThrow("Already answered.");
    await settle();

    expect(client.model.reservations["2"]).toBeUndefined();
  });

  it("marks as read once, and tells the server", () => {
    client.markRead("CH1", 2);
    client.markRead("CH1", 2);
    client.markRead("CH1", 1);

    expect(server.reads).toEqual([2]);
  });

  it("works on by the snapshot where sockets are refused", async () => {
    for (const socket of server.sockets.splice(0)) socket.onclose?.({ code: 1006 });
    server.refusesSockets = true;
    server.reservations.push(reservation("2", { status: "pending" }));
    await settle(6_000);

    expect([client.model.socket, client.model.reservations["2"]?.status]).toEqual(["lost", "pending"]);
  });

  it("opens the socket again after the session ended and somebody logged in", async () => {
    server.reachable = false;
    for (const socket of server.sockets.splice(0)) socket.onclose?.({ code: 4401 });
    await settle(30_000);
    expect([server.sockets.length, client.model.socket, client.model.reachable]).toEqual([0, "lost", false]);

    server.reachable = true;
    await settle(11_000);

    expect([server.sockets.length, client.model.socket]).toEqual([1, "open"]);
  });

  it("finds what the socket did not tell", async () => {
    server.reservations.push(reservation("2", { status: "pending" }));
    await settle(61_000);

    expect(client.model.reservations["2"]?.status).toBe("pending");
    expect(news.map((item) => item.kind)).toEqual(["offer"]);
  });

  it("asks before it sends what was left over from long ago", async () => {
    server.cut();
    client.sending.send("CH1", "yesterday");
    await settle();
    client.stop();

    vi.setSystemTime(NOW + 20 * 60_000);
    server.reachable = true;
    client = newClient();
    client.start();
    await settle(2_000);

    expect(server.sends).toEqual([]);
    expect(client.model.transcripts["CH1"]?.outgoing).toMatchObject([{ body: "yesterday", status: "failed" }]);
  });

  it("leaves the messages of another tab to it, and drops them when they are gone", async () => {
    const entry = {
      clientRef: "other", body: "from the other tab", kind: "message", media: [], template: null, order: 1, status: "waiting", error: null,
      createdAt: iso(NOW),
    };
    const key = "flowdesk.console.outbox.other";
    const told = (newValue: string | null) => window.dispatchEvent(new StorageEvent("storage", { key, newValue }));
    told(JSON.stringify({ conversation: "CH1", entry }));
    expect(screen().at(-1)).toBe("from the other tab?");

    told(null);
    await settle();

    expect(screen()).toEqual(["m0", "m1", "m2"]);
    expect(server.sends).toEqual([]);
  });

  it("sends notes apart from messages, and reads those it missed", async () => {
    client.sending.send("CH1", "He is upset", { kind: "note" });
    await settle();
    server.addNote({ body: "missed" }, false);
    server.addNote({ body: "heard", kind: "whisper" });
    await client.refresh();

    const { internal, outgoing } = client.model.transcripts["CH1"]!;
    expect(internal.map((note) => note.body)).toEqual(["He is upset", "missed", "heard"]);
    expect([outgoing, server.sends, server.messages.length]).toEqual([[], [], 3]);
    expect(news.map((item) => item.kind)).toEqual(["internal"]);
  });

  it("does not believe a socket that looks open when nothing answers", async () => {
    server.reachable = false;
    server.refusesSockets = true;
    client.sending.send("CH1", "Are you there?");
    await settle();

    expect([client.model.socket, client.model.reachable]).toEqual(["lost", false]);
    server.reachable = true;
    server.refusesSockets = false;
    window.dispatchEvent(new Event("online"));
    await settle();

    expect([client.model.socket, client.model.reachable]).toEqual(["open", true]);
    expect(server.messages.filter(({ body }) => body === "Are you there?")).toHaveLength(1);
  });

  it("names files and templates when it sends", async () => {
    client.sending.send("CH1", "Here", { media: [{ sid: "ME1", url: "/x", content_type: "image/png", filename: "x.png" }] });
    client.sending.send("CH1", "Hi Eva", { template: { sid: "MT1", variables: { 1: "Eva" } } });
    await settle();

    expect(server.asked).toEqual([{ body: "Here", media: ["ME1"] }, { body: undefined, template_sid: "MT1", variables: { 1: "Eva" } }]);
  });

  it("reads back to a message far away in large pages", async () => {
    for (let i = 0; i < 2_000; i += 1) server.add({ body: `${i}` }, false);
    await client.refresh();
    await client.reading.open("CH1");
    server.messages = range(0, 5_000);
    client.stop();
    client = newClient();
    client.start();
    await settle();
    await client.reading.open("CH1");
    server.pages = 0;

    expect(await client.reading.loadThrough("CH1", 120)).toBe(true);

    expect(client.model.transcripts["CH1"]!.messages[0]!.index).toBeLessThanOrEqual(120);
    expect(server.pages).toBeLessThanOrEqual(10);
  });

  it("remembers an offer that ran out, and the activity before it", async () => {
    server.tell({ type: "reservation", reservation: reservation("2", { status: "pending", date_updated: iso(NOW) }) });
    server.tell({ type: "activity", worker: { ...snapshot([]).worker!, activity_sid: "WA1", activity_since: iso(NOW) } });
    server.tell({ type: "reservation", reservation: reservation("2", { status: "timeout", date_updated: iso(NOW) }) });

    expect(client.model.missed.map(({ offer }) => offer.sid)).toEqual(["2"]);
    expect(client.model.previousActivity).toBe("WA2");
    client.forgetMissed("2");
    expect(client.model.missed).toEqual([]);
  });

  it("tells of a task that was accepted in the agent's name, and not of one they accepted", async () => {
    server.tell({ type: "reservation", reservation: reservation("2", { date_updated: iso(NOW) }) });
    server.reservations.push(reservation("3", { status: "pending" }));
    await client.refresh();
    news = [];
    await client.answer("3", "accepted");
    server.tell({ type: "reservation", reservation: reservation("3", { date_updated: iso(NOW) }) });

    expect(news).toEqual([]);
    server.tell({ type: "reservation", reservation: reservation("4", { date_updated: iso(NOW) }) });
    expect(news.map(({ kind, reservation: { sid } }) => [kind, sid])).toEqual([["assigned", "4"]]);
  });

  it("says that the agent looks and writes, and answers a colleague who comes", async () => {
    const said = () => server.sockets[0]!.sent.splice(0).flatMap(({ type, does }) => (type === "here" ? [does] : type === "typing" ? [type] : []));
    const ben = { type: "colleague", conversation_sid: "CH1", user_sid: "US2", name: "Ben" };
    said();
    const stop = client.presence.look("CH1");
    for (let keys = 0; keys < 3; keys += 1) client.presence.write("CH1");
    client.presence.stopWriting("CH1");
    expect(said()).toEqual(["looking", "typing", "writing", "looking"]);

    server.tell({ ...ben, does: "looking" });
    server.tell({ ...ben, does: "writing" });
    expect(said()).toEqual(["looking"]);
    expect(client.model.colleagues["CH1"]).toEqual([{ userSid: "US2", name: "Ben", does: "writing", at: Date.now() }]);
    await settle(15_000);
    expect(said()).toEqual(["looking"]);

    stop();
    server.tell({ ...ben, does: "gone" });
    expect([said(), client.model.colleagues["CH1"]]).toEqual([["gone"], []]);
  });

  it("gives a choice back that could not be kept", async () => {
    server.cut();

    await expect(client.savePreferences({ keymap: { accept: "Alt+KeyX" } })).rejects.toThrow();

    expect(client.model.preferences).toEqual({});
  });
});
