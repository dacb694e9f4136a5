import { expect, it } from "vitest";

import { channelName, clockText, dayText, sizeText, spanText } from "./format";
import { commandOf } from "./commands";

it.each([[-3, "0:00"], [7, "0:07"], [760.9, "12:40"], [11_100, "3:05:00"]])("%d s on a clock is %s", (seconds, text) => {
  expect(clockText(seconds)).toBe(text);
});

it.each([[20, "now"], [250, "4 min"], [3_600, "1 h"], [7_800, "2 h 10 min"], [300_000, "3 d"]])("%d s is %s", (seconds, text) => {
  expect(spanText(seconds)).toBe(text);
});

it("names days by their distance", () => {
  const now = new Date(2026, 0, 5, 12).getTime();

  expect(dayText(new Date(2026, 0, 5, 1).toISOString(), now)).toBe("Today");
  expect(dayText(new Date(2026, 0, 4, 23).toISOString(), now)).toBe("Yesterday");
  expect(dayText(new Date(2025, 5, 1).toISOString(), now)).toContain("2025");
});

it.each([[12, "12 B"], [120_400, "120 KB"], [3_400_000, "3.4 MB"]])("%d bytes are %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

it("names channels it does not know", () => {
  expect([channelName("sms"), channelName("fax"), channelName("")]).toEqual(["SMS", "Fax", "Task"]);
});

it("reads keys by their place, and ? only outside fields", () => {
  const key = { altKey: false, ctrlKey: false, metaKey: false, shiftKey: false, code: "", key: "" };

  expect(commandOf({ ...key, altKey: true, code: "KeyA", key: "å" }, true)).toBe("accept");
  expect(commandOf({ ...key, altKey: true, ctrlKey: true, code: "KeyA" }, false)).toBeNull();
  expect(commandOf({ ...key, shiftKey: true, code: "Slash", key: "?" }, false)).toBe("help");
  expect(commandOf({ ...key, shiftKey: true, code: "Slash", key: "?" }, true)).toBeNull();
  expect(commandOf({ ...key, code: "KeyA", key: "a" }, false)).toBeNull();
});
