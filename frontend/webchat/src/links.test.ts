import { describe, expect, it } from "vitest";

import { safeUrl, splitLinks } from "./links";

describe("splitLinks", () => {
  it.each([
    ["See https://a.example/x?y=1.", "https://a.example/x?y=1", "https://a.example/x?y=1"],
    ["(https://a.example/wiki/B_(c)) yes", "https://a.example/wiki/B_(c)", "https://a.example/wiki/B_(c)"],
    ["at www.shop.example!", "www.shop.example", "https://www.shop.example/"],
    ["mail ana@shop.example, please", "ana@shop.example", "mailto:ana@shop.example"],
  ])("finds the address in %j", (text, found, href) => {
    const parts = splitLinks(text);

    expect(parts.filter((part) => part.href)).toEqual([{ text: found, href }]);
    expect(parts.map((part) => part.text).join("")).toBe(text);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "plain <b>text</b>", "", "1.5 and 2.5"])("leaves %j alone", (text) => {
    expect(splitLinks(text).some((part) => part.href)).toBe(false);
  });
});

describe("safeUrl", () => {
  it.each([
    ["/media/1", "https://chat.example/media/1"],
    ["http://cdn.example/a.png", "http://cdn.example/a.png"],
    ["javascript:alert(1)", null],
    ["data:image/svg+xml,x", null],
    ["https://[", null],
  ])("%j becomes %j", (url, expected) => {
    expect(safeUrl(url, "https://chat.example/")).toBe(expected);
  });
});
