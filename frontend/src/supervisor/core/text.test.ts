import { describe, expect, it } from "vitest";

import { clock, percent, secondsSince } from "./text";

describe("figures", () => {
  it("are clocks that keep their shape", () => {
    expect([0, 45, 723, 3723, 86_399, 86_400, 777_790, null].map(clock)).toEqual(["0:00", "0:45", "12:03", "1:02:03", "23:59:59", "1 d 0 h", "9 d 0 h", "–"]);
  });

  it("are whole percents, or none", () => {
    expect([null, 0, 66.7].map(percent)).toEqual(["–", "0 %", "67 %"]);
  });

  it("never run backwards where clocks differ", () => {
    expect(secondsSince("2026-05-04T10:00:10Z", Date.parse("2026-05-04T10:00:00Z"))).toBe(0);
  });
});
