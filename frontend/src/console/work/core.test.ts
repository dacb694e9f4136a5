import { describe, expect, it } from "vitest";

import type { DirectoryAgent, DirectoryQueue, Transfer, WrapUp } from "./api";
import { loadOf, missingOf, obstacle, outcomeOf, queueLoadOf, shownOf, wakeAt } from "./core";

const agent = (name: string, change: Partial<DirectoryAgent> = {}): DirectoryAgent => ({
  sid: `WK${name}`, name, activity: "Available", available: true, open_tasks: 0, has_room: true, is_present: false, ...change,
});
const queue = (name: string, change: Partial<DirectoryQueue> = {}): DirectoryQueue => ({
  sid: `WQ${name}`, name, waiting: 0, longest_wait: null, workers: 2, available: 1, is_listed: true, ...change,
});

describe("the directory", () => {
  const directory = {
    agents: [agent("Ben"), agent("Amy", { available: false, activity: "Offline" })],
    queues: [queue("Sales"), queue("Night", { available: 0 }), queue("System", { is_listed: false })],
  };
  const names = (show: Parameters<typeof shownOf>[1]) => {
    const shown = shownOf(directory, show);
    return [shown.agents.map(({ name }) => name), shown.queues.map(({ name }) => name)];
  };

  it("hides who takes no tasks, and queues that are empty or not listed", () => {
    expect(names({ search: "", unavailable: false, empty: false })).toEqual([["Ben"], ["Sales"]]);
  });

  it("shows them when asked", () => {
    expect(names({ search: "", unavailable: true, empty: true })).toEqual([["Ben", "Amy"], ["Sales", "Night", "System"]]);
  });

  it("searches names, case ignored", () => {
    expect(names({ search: " SA", unavailable: true, empty: true })).toEqual([[], ["Sales"]]);
  });

  it("says how busy everybody is", () => {
    expect(loadOf(agent("Ben", { open_tasks: 2, has_room: false }))).toBe("2 tasks, full");
    expect(queueLoadOf(queue("Sales", { waiting: 3, available: 0 }))).toBe("3 waiting · no agent available");
    expect(obstacle(agent("Ben", { is_present: true }))).toBe("is here already");
  });
});

describe("a transfer", () => {
  const made: Transfer = {
    sid: "UX1", type: "warm", status: "active", reason: "", to_sid: "WK1", to_name: "Ben", note: "", is_mine: true, has_joined: false, date_created: "", date_updated: "",
  };

  it.each([
    [made, "Waiting for Ben"],
    [{ ...made, has_joined: true }, "Ben has joined"],
    [{ ...made, status: "failed" as const, reason: "declined" }, "Ben declined"],
    [{ ...made, status: "failed" as const, reason: "unanswered" }, "Ben did not answer"],
  ])("is told in words", (transfer, text) => {
    expect(outcomeOf(transfer)).toBe(text);
  });
});

describe("a wrap-up", () => {
  const wrapUp = {
    mode: "mandatory", dispositions: ["Sold"], needs_disposition: true,
    fields: [
      { name: "order", label: "Order", type: "text", required: true, options: [] },
      { name: "told", label: "Told", type: "checkbox", required: true, options: [] },
      { name: "more", label: "More", type: "text", required: false, options: [] },
    ],
  } as unknown as WrapUp;

  it("lacks what is required", () => {
    expect(missingOf(wrapUp, "", { order: " " })).toEqual(["Disposition", "Order", "Told"]);
    expect(missingOf(wrapUp, "Sold", { order: "7", told: true })).toEqual([]);
  });

  it("lacks nothing where it is optional", () => {
    expect(missingOf({ ...wrapUp, mode: "optional" }, "", {})).toEqual([]);
  });
});

describe("when a parked conversation wakes", () => {
  const now = new Date(2026, 4, 4, 15, 30);

  it("is counted from now, in the agent's own time", () => {
    expect(wakeAt("reply", "", now)).toBeUndefined();
    expect(wakeAt("hour", "", now)).toBe(new Date(2026, 4, 4, 16, 30).toISOString());
    expect(wakeAt("tomorrow", "", now)).toBe(new Date(2026, 4, 5, 9, 0).toISOString());
    expect(wakeAt("custom", "2026-05-06T10:00", now)).toBe(new Date(2026, 4, 6, 10, 0).toISOString());
    expect(wakeAt("custom", "", now)).toBeUndefined();
  });
});
