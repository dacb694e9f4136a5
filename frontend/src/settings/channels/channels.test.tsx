import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { Connection, ConnectionType, Exchange, Undelivered, WebhookDelivery } from "../../api/types";
import { renderAt, serve, type Call } from "../../testing/render";
import { SettingsPage } from "../SettingsPage";
import { connectionBody, connectionDraft, connectionProblems, limitsInWords } from "./connection";

const TYPES: ConnectionType[] = [
  {
    provider: "twilio", type: "sms", max_body: 1600, max_media: 10, max_media_bytes: 5 * 1048576, window_hours: null, strips: ["bold"],
    credentials: [
      { name: "account_sid", label: "Account SID", required: true, secret: false },
      { name: "auth_token", label: "Auth token", required: true, secret: true },
      { name: "api_key_sid", label: "API key SID", required: false, secret: false },
    ],
  },
  { provider: "meta", type: "whatsapp", max_body: 4096, max_media: 10, max_media_bytes: 16 * 1048576, window_hours: 24, strips: [], credentials: [] },
];
const SMS: Connection = {
  sid: "CN1", type: "sms", provider: "twilio", address: "+15550100", friendly_name: "Main", status: "active", api_base_url: "", rate_per_second: null,
  webhook_url: "https://desk.example/webhooks/CN1", deployment_key: null, credentials_set: ["account_sid", "auth_token"],
};
const EXCHANGE: Exchange = {
  direction: "in", method: "POST", url: "https://desk.example/webhooks/CN1", request: "(not kept)", status: 403, response: "",
  error: "The webhook's signature does not match", duration_ms: 3, message_sid: null, date_created: "2026-01-01T00:00:00Z",
};
const LOST: Undelivered = {
  sid: "PD1", connection_sid: "CN1", conversation_sid: "CH1", message_sid: "IM1", from: "+15550100", to: "+15551230001", body: "Hello", reason: "refused",
  error_code: 21610, error_message: "Unsubscribed", attempts: 1, date_created: "2026-01-01T00:00:00Z",
};
const TOLD: WebhookDelivery = {
  sid: "WD1", conversation_sid: "CH1", webhook: "account", event: "onMessageAdded", method: "POST", url: "https://crm.example/hook", parameters: { Body: "Hi there" },
  status: "failed", attempts: 8, response_status: 500, response: "broken", error: "", duration_ms: 12, date_created: "2026-01-01T00:00:00Z", date_updated: "2026-01-01T00:00:00Z",
};
const NOBODY = { pre_url: "", post_url: "", method: "POST", filters: [] };

function open(section: string, answers: Record<string, unknown> = {}): Call[] {
  const calls = serve((call) => {
    const known = answers[`${call.method} ${call.path}`];
    if (known) return known as { status?: number; body?: unknown };
    if (call.method === "DELETE") return { status: 204 };
    if (call.method === "POST" && call.path.startsWith("deliveries/")) return { status: 204 };
    switch (`${call.method} ${call.path}`) {
      case "GET connections": return { body: { connections: [SMS] } };
      case "GET connections/types": return { body: { types: TYPES } };
      case "POST connections": return { status: 201, body: SMS };
      case "PUT connections/CN1": return { body: SMS };
      case "POST connections/CN1/test": return { body: { works: false, message: "Authenticate (20003)", duration_ms: 5 } };
      case "GET connections/CN1/traffic": return { body: { traffic: [EXCHANGE] } };
      case "GET deliveries": return { body: { deliveries: [LOST, { ...LOST, sid: "PD2", to: "+15551230002" }] } };
      case "GET webhooks/configuration": return { body: { account: NOBODY, service: NOBODY, events: { pre: ["onMessageAdd"], post: ["onMessageAdded"] } } };
      case "PUT webhooks/configuration/account": return { body: NOBODY };
      case "POST webhooks/deliveries/WD1": return { body: { ...TOLD, status: "queued" } };
      default: return call.path.startsWith("webhooks/deliveries") ? { body: { deliveries: [TOLD] } } : undefined;
    }
  });
  renderAt(<SettingsPage />, { path: `/settings/${section}`, route: "/settings/:section?" });
  return calls;
}

describe("connections", () => {
  it("are made with the keys that their kind asks for, and say where the webhooks go", async () => {
    const calls = open("connections");
    await userEvent.click(await screen.findByRole("button", { name: "New connection" }));
    await userEvent.click(await screen.findByRole("combobox", { name: "Channel and carrier" }));
    await userEvent.click(await screen.findByRole("option", { name: "SMS by Twilio" }));
    await userEvent.click(screen.getByRole("button", { name: "Save connection" }));
    expect(screen.getByText("Auth token is needed.")).toBeVisible();

    await userEvent.type(screen.getByRole("textbox", { name: "Our address" }), "+15550100");
    await userEvent.type(screen.getByRole("textbox", { name: /Account SID/ }), "AC1");
    await userEvent.type(screen.getByLabelText(/Auth token/), "secret");
    await userEvent.click(screen.getByRole("button", { name: "Save connection" }));

    await waitFor(() =>
      expect(calls.find((call) => call.method === "POST")).toMatchObject({
        path: "connections", body: { provider: "twilio", type: "sms", address: "+15550100", credentials: { account_sid: "AC1", auth_token: "secret" } },
      }),
    );
    expect(await screen.findByRole("status")).toHaveTextContent("https://desk.example/webhooks/CN1");
  });

  it("keep the keys that are not written anew", async () => {
    const calls = open("connections");
    await userEvent.click(await screen.findByRole("button", { name: "More of Main" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Change" }));
    expect(await screen.findByLabelText(/Auth token/)).toHaveAttribute("placeholder", "Kept as it is");
    await userEvent.click(screen.getByRole("button", { name: "Save connection" }));

    await waitFor(() => expect(calls.find((call) => call.method === "PUT")).toMatchObject({ path: "connections/CN1", body: { credentials: {} } }));
  });

  it("are tested, and say why they do not work", async () => {
    open("connections");
    await userEvent.click(await screen.findByRole("button", { name: "Test Main" }));

    expect(await screen.findByText("Main does not work")).toBeVisible();
    expect(screen.getByText("Authenticate (20003)")).toBeVisible();
  });

  it("show their traffic", async () => {
    open("connections");
    await userEvent.click(await screen.findByRole("button", { name: "More of Main" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Traffic" }));
    await userEvent.click(await screen.findByRole("button", { name: /POST https:\/\/desk.example/ }));

    expect(await screen.findByText("The webhook's signature does not match")).toBeVisible();
  });

  it("know what each kind needs and can", () => {
    const [sms, whatsapp] = TYPES;
    const draft = { ...connectionDraft(null), kind: "twilio/sms", rate_per_second: "-1", api_base_url: "ftp://x" };
    expect(Object.keys(connectionProblems(draft, sms, null))).toEqual(["address", "credentials.account_sid", "credentials.auth_token", "api_base_url", "rate_per_second"]);
    expect(connectionProblems(connectionDraft(SMS), sms, SMS)).toEqual({});
    expect(connectionBody(connectionDraft(SMS), false)).not.toHaveProperty("address");
    expect(limitsInWords(whatsapp!).join(" ")).toContain("within 24 hours");
    expect(limitsInWords(sms!).join(" ")).toContain("Does not carry bold");
  });
});

describe("what was not delivered", () => {
  it("is sent again, one or all, or given up", async () => {
    const calls = open("undelivered");
    const [, row] = await screen.findAllByRole("row");
    expect(row).toHaveTextContent("21610: Unsubscribed");
    await userEvent.click(within(row!).getByRole("button", { name: "Send again to +15551230001" }));
    await waitFor(() => expect(calls.filter((call) => call.method === "POST").map((call) => call.path)).toEqual(["deliveries/PD1"]));
    await userEvent.click(screen.getByRole("button", { name: "Send all again" }));
    await waitFor(() => expect(calls.filter((call) => call.method === "POST")).toHaveLength(3));

    await userEvent.click(screen.getByRole("button", { name: "Discard the message to +15551230002" }));
    await userEvent.click(await screen.findByRole("button", { name: "Take it off" }));
    await waitFor(() => expect(calls.find((call) => call.method === "DELETE")?.path).toBe("deliveries/PD2"));
  });
});

describe("webhooks", () => {
  it("are set for all conversations", async () => {
    const calls = open("webhooks");
    await userEvent.type(await screen.findByRole("textbox", { name: "Told afterwards" }), "https://crm.example/hook");
    expect(screen.getByText(/hears nothing/)).toBeVisible();
    await userEvent.click(screen.getByRole("combobox", { name: "Events" }));
    await userEvent.click(await screen.findByRole("option", { name: "onMessageAdded" }));
    await userEvent.click(screen.getByRole("button", { name: "Save webhooks" }));

    await waitFor(() =>
      expect(calls.find((call) => call.method === "PUT")).toMatchObject({
        path: "webhooks/configuration/account", body: { post_url: "https://crm.example/hook", filters: ["onMessageAdded"], method: "POST" },
      }),
    );
  });

  it("show what they were told and can be told again", async () => {
    const calls = open("webhooks");
    await userEvent.click(await screen.findByRole("button", { name: /onMessageAdded/ }));
    expect(await screen.findByText("Hi there")).toBeVisible();
    expect(screen.getByText("broken")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Send again" }));

    await waitFor(() => expect(calls.some((call) => call.method === "POST" && call.path === "webhooks/deliveries/WD1")).toBe(true));
  });
});
