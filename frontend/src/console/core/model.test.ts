import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { iso, message, NOW, reservation, snapshot } from "./fixtures";
import { emptyModel, reduce, type Action, type Model } from "./model";

const play = (actions: Action[], from: Model = emptyModel) => actions.reduce(reduce, from);
const snap = (reservations: Parameters<typeof snapshot>[0], asked = 0): Action => ({ type: "snapshot", state: snapshot(reservations), asked, now: NOW });
const heard = (given: ReturnType<typeof reservation>): Action => ({ type: "reservation", reservation: given, now: NOW });
const wrote = (index: number, change = {}): Action => ({ type: "message", conversation: "CH1", message: message(index, change) });
const statuses = (model: Model) => Object.fromEntries(Object.values(model.reservations).map((held) => [held.sid, held.status]));
const conversationOf = (model: Model, sid = "1") => model.reservations[sid]?.conversation;

describe("the console's model", () => {
  it("reaches the same reservations whatever the order of their events", () => {
    const life = [
      reservation("1", { status: "pending", date_updated: iso(NOW) }),
      reservation("1", { status: "accepted", date_updated: iso(NOW) }),
      reservation("1", { status: "wrapping", date_updated: iso(NOW + 5_000) }),
      reservation("2", { status: "pending", date_updated: iso(NOW) }),
      reservation("2", { status: "timeout", date_updated: iso(NOW + 1_000) }),
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray([...life, ...life], { minLength: 10 }), (order) => {
        expect(statuses(play([snap([]), ...order.map(heard)]))).toEqual({ 1: "wrapping" });
      }),
    );
  });

  it("takes away what the server has no more", () => {
    const model = play([snap([reservation("1"), reservation("2")])]);

    expect(statuses(play([snap([reservation("2")], model.sequence)], model))).toEqual({ 2: "accepted" });
  });

  it("keeps an offer that came while the snapshot was on its way", () => {
    const before = play([snap([])]);

    const model = play([heard(reservation("1", { status: "pending" })), snap([], before.sequence)], before);

    expect(statuses(model)).toEqual({ 1: "pending" });
  });

  it("does not bring back what has ended, by a late event or an old snapshot", () => {
    const pending = reservation("1", { status: "pending" });
    const model = play([snap([pending]), heard({ ...pending, status: "rejected" }), heard(pending), snap([pending], 1)]);

    expect(statuses(model)).toEqual({});
    expect(model.ended).toEqual({ 1: "rejected" });
  });

  it("does not let an old snapshot undo an accept", () => {
    const pending = reservation("1", { status: "pending" });
    const model = play([snap([pending]), heard({ ...pending, status: "accepted" }), snap([pending], 1)]);

    expect(statuses(model)).toEqual({ 1: "accepted" });
  });

  it("counts a customer's message once, and an agent's not at all", () => {
    const model = play([snap([reservation("1")]), wrote(0), wrote(0), wrote(1), wrote(2, { source: "agent" })]);

    expect(conversationOf(model)).toMatchObject({ unread: 2, last_message: { index: 2, source: "agent" } });
  });

  it("does not count again what another tab has read", () => {
    const model = play([snap([reservation("1")]), wrote(0), { type: "read", conversation: "CH1", index: 1 }, wrote(1)]);

    expect(conversationOf(model)?.unread).toBe(0);
  });

  it("keeps newer news over a snapshot that was asked for before them", () => {
    const old = { index: 0, author: "eva", body: "m0", source: "customer" as const, date_created: iso(NOW) };
    const model = play([snap([reservation("1")]), wrote(0), wrote(1), snap([reservation("1", { conversation: { last_message: old, unread: 1 } })], 1)]);

    expect(conversationOf(model)).toMatchObject({ unread: 2, last_message: { index: 1 } });
  });

  it("keeps what was read over a snapshot that does not know it yet", () => {
    const last = { index: 3, author: "eva", body: "m", source: "customer" as const, date_created: iso(NOW) };
    const stale = reservation("1", { conversation: { last_message: last, unread: 2 } });
    const model = play([snap([stale]), { type: "read", conversation: "CH1", index: 3 }, snap([stale], 2)]);

    expect(conversationOf(model)?.unread).toBe(0);
  });

  it("notices the customer typing, not the agent, until the message is there", () => {
    const typing = (author: string): Action => ({ type: "typing", conversation: "CH1", author, now: NOW });
    const agent = play([snap([reservation("1")]), typing("ana")]);
    const customer = play([typing("visitor")], agent);

    expect([agent.typing, customer.typing, play([wrote(0)], customer).typing]).toEqual([{}, { CH1: NOW }, {}]);
  });

  it("takes the newer of two activities", () => {
    const worker = { sid: "WK1", name: "Ana", activity_sid: "WA1", activity_since: iso(NOW) };
    const model = play([snap([]), { type: "activity", worker }, snap([], 1)]);

    expect(model.worker?.activity_sid).toBe("WA1");
  });

  it("keeps the screen when a later snapshot fails", () => {
    const model = play([snap([reservation("1")]), { type: "snapshot failed", message: "down" }]);

    expect([model.phase, play([{ type: "snapshot failed", message: "down" }]).phase]).toEqual(["ready", "failed"]);
  });

  it("marks a conversation closed", () => {
    const model = play([snap([reservation("1")]), { type: "conversation", conversation: "CH1", state: "closed" }]);

    expect(conversationOf(model)?.state).toBe("closed");
  });
});
