import { describe, expect, it } from "vitest";

import { daysOf, intervalsOf, labelOf, today } from "./period";

const none = { from: "", to: "" };

describe("periods", () => {
  it("know what day it is elsewhere", () => {
    const late = new Date("2026-05-04T23:30:00Z");
    expect([today(late, "UTC"), today(late, "Asia/Tokyo"), today(late, "no such zone")]).toEqual(["2026-05-04", "2026-05-05", "2026-05-04"]);
  });

  it("begin weeks on Monday, and pass over the ends of months", () => {
    expect(daysOf("week", "2026-03-01", none)).toEqual({ from: "2026-02-23", to: "2026-03-01" });
    expect(daysOf("last-week", "2026-03-02", none)).toEqual({ from: "2026-02-23", to: "2026-03-01" });
    expect(daysOf("7", "2026-03-02", none)).toEqual({ from: "2026-02-24", to: "2026-03-02" });
    expect(daysOf("month", "2026-03-02", none)).toEqual({ from: "2026-03-01", to: "2026-03-02" });
    expect(daysOf("custom", "2026-03-02", { from: "2026-01-01", to: "2026-01-02" })).toEqual({ from: "2026-01-01", to: "2026-01-02" });
  });

  it("are cut as finely as they can be read", () => {
    expect(intervalsOf({ from: "2026-03-02", to: "2026-03-02" })).toEqual(["hour"]);
    expect(intervalsOf({ from: "2026-03-02", to: "2026-03-08" })).toEqual(["hour", "day", "week"]);
    expect(intervalsOf({ from: "2026-01-01", to: "2026-12-31" })).toEqual(["day", "week", "month"]);
  });

  it("label points in their own zone", () => {
    expect(labelOf("2026-03-02T09:00:00+01:00", "hour")).toBe("02. 09:00");
    expect(labelOf("2026-03-02T00:00:00+01:00", "day")).toBe("02.03.");
  });
});
