import { expect, it } from "vitest";

import { addressOf, emptyRequest, readRequest } from "../outbound/request";
import { framedOrigins, readFromApp, reloadForApps } from "./protocol";

it.each([
  ["nothing", undefined], ["a text", "flowdesk:ready"], ["null", null], ["another page's message", { type: "webpackOk" }],
  ["an insertion of nothing", { type: "flowdesk:insert", text: "" }], ["an insertion of no text", { type: "flowdesk:insert", text: { a: 1 } }],
])("passes %s over", (_, data) => {
  expect(readFromApp(data)).toBeNull();
});

it("reads what an app asks for, and cuts what is too long", () => {
  expect(readFromApp({ type: "flowdesk:ready", extra: 1 })).toEqual({ type: "flowdesk:ready" });
  expect(readFromApp({ type: "flowdesk:insert", text: "x".repeat(9_000) })).toEqual({ type: "flowdesk:insert", text: "x".repeat(4_000) });
  expect(readFromApp({ type: "flowdesk:start", to: "+1555", channel: "sms", attributes: { a: 1 } })).toEqual({
    type: "flowdesk:start", request: { ...emptyRequest, to: "+1555", channel: "sms" },
  });
});

it("frames only the origins that the page was given", () => {
  const root = document.createElement("div");
  root.dataset["frames"] = "https://crm.example http://localhost:9000";

  expect([framedOrigins(root), framedOrigins(null)]).toEqual([["https://crm.example", "http://localhost:9000"], []]);
});

it("reads from a link what was written into it", () => {
  const request = { to: "+15551234567", from: "", channel: "sms", name: "Eva & Co", body: "Hi\nthere", attributes: { order: "7" } };
  const address = addressOf(request);

  expect(readRequest(new URLSearchParams(address.split("?")[1]))).toEqual(request);
  expect(readRequest(new URLSearchParams({ to: ` ${"9".repeat(400)}`, "attribute.": "x" }))).toEqual({ ...emptyRequest, to: "9".repeat(256) });
});

it("loads a page anew that may not show the apps, and only once", () => {
  sessionStorage.clear();
  let reloads = 0;
  const app = { sid: "PA1", name: "CRM", url: "https://crm.example/a", origin: "https://crm.example", enabled: true, shares: [], date_updated: "" };
  reloadForApps([], () => (reloads += 1));
  reloadForApps([app], () => (reloads += 1));
  reloadForApps([app], () => (reloads += 1));

  expect(reloads).toBe(1);
});
