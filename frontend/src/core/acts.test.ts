import { describe, expect, it } from "vitest";

import { actsInTurn, actText, type Act } from "./acts";

const act = (kind: string, more: Partial<Act> = {}): Act => ({ kind, at: "2026-01-05T10:00:00Z", who: "", to: "", text: "", seconds: null, sid: null, ...more });

describe("acts", () => {
  it("are told in words, with who, where and why", () => {
    expect(
      [
        act("queued", { to: "Sales" }),
        act("moved", { to: "Everybody" }),
        act("missed", { who: "Ana" }),
        act("joined", { who: "Ben", seconds: 130 }),
        act("joined", { who: "Ben", seconds: 20 }),
        act("asked", { who: "Ben", to: "Ana", text: "Knows tents" }),
        act("not_joined", { who: "Ana", text: "declined" }),
        act("parked", { who: "Ben" }),
        act("woken", { text: "reply" }),
        act("wrapped_up_by_time", { who: "Ben", text: "Sold" }),
        act("flow_failed", { who: "Welcome", text: "No such address" }),
      ].map(actText),
    ).toEqual([
      "Waiting in Sales",
      "Moved to Everybody",
      "Ana missed the offer",
      "Ben joined after 2 min",
      "Ben joined",
      "Ben asked Ana to join: “Knows tents”",
      "Ana declined",
      "Ben parked it",
      "Back from parking: the customer wrote",
      "The wrap-up of Ben ended with its time: Sold",
      "Flow Welcome failed: No such address",
    ]);
  });

  it("have words also without names, and of kinds that came later", () => {
    const kinds = ["queued", "moved", "rejected", "canceled", "handed_back", "supervisor_joined", "left", "transferred", "wrapped_up", "flow", "closed"];
    for (const kind of kinds) expect(actText(act(kind))).not.toMatch(/undefined|null|\s$/);
    expect(actText(act("put_aside"))).toBe("put aside");
  });

  it("stand where they happened, and beside nothing that is not loaded", () => {
    const at = (second: number) => `2026-01-05T10:00:0${second}Z`;
    const acts = [1, 3, 5, 7].map((second) => act("left", { at: at(second) }));
    const take = actsInTurn(acts, at(2));
    const said = (second: number, source?: string) => ({ date_created: at(second), source });
    const given = [take(said(3)), take(said(5, "agent")), take(said(6)), take(said(7, "customer")), take(null), take(null)];
    expect(given.map((each) => each.map((one) => one.at))).toEqual([[], [at(3), at(5)], [], [], [at(7)], []]);
    const begins = actsInTurn([act("flow", { at: at(3) }), act("queued", { at: at(3) })], null);
    expect([begins(said(3, "customer")), begins(said(3, "flow")), begins(null)].map((each) => each.map(({ kind }) => kind))).toEqual([[], ["flow"], ["queued"]]);
    expect(actsInTurn(acts, null)(null)).toHaveLength(4);
    expect(actsInTurn([], null)(null)).toEqual([]);
  });
});
