import { describe, expect, it } from "vitest";

import type { Row } from "../types";
import { columnsOf, sorted } from "./columns";

describe("the figures' table", () => {
  it("shows of agents what only agents have", () => {
    const agent = columnsOf("agent").map(({ key }) => key);
    const queue = columnsOf("queue").map(({ key }) => key);
    expect(agent).toContain("missed");
    expect(agent).not.toContain("abandoned");
    expect(queue).toContain("moved");
    expect(queue).not.toContain("missed");
  });

  it("puts what has no value last, whichever way it is sorted", () => {
    const rows = [{ name: "a", wait_avg: null }, { name: "b", wait_avg: 2 }, { name: "c", wait_avg: 7 }] as Row[];
    expect(sorted(rows, "wait_avg", false).map(({ name }) => name)).toEqual(["b", "c", "a"]);
    expect(sorted(rows, "wait_avg", true).map(({ name }) => name)).toEqual(["c", "b", "a"]);
    expect(sorted(rows, "name", true).map(({ name }) => name)).toEqual(["c", "b", "a"]);
  });
});
