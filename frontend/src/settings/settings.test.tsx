import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { Address } from "../api/types";
import { renderAt, serve, type Call } from "../testing/render";
import { addressProblems, draftOf } from "./address";
import { SettingsPage } from "./SettingsPage";

const ADDRESS: Address = {
  sid: "IG1", type: "sms", address: "+15550100", friendly_name: "Main number", target: "studio", flow_sid: "FW1", flow_name: "Welcome", webhook_url: null, enabled: true,
};
const FLOWS = { flows: [{ sid: "FW1", friendly_name: "Welcome", published_revision: 1 }, { sid: "FW2", friendly_name: "Survey", published_revision: null }] };

function open(path: string, addresses: Address[] = [ADDRESS]): Call[] {
  const calls = serve((call) => {
    if (call.method !== "GET") return call.method === "DELETE" ? { status: 204 } : { body: ADDRESS };
    if (call.path === "addresses") return { body: { addresses } };
    if (call.path === "flows") return { body: FLOWS };
    if (call.path === "connections") {
      return { body: { connections: [{ sid: "XC1", type: "whatsapp", provider: "meta", address: "whatsapp:+1", friendly_name: "Shop", status: "active", webhook_url: "https://desk.example/webhooks/XC1" }] } };
    }
    return undefined;
  });
  renderAt(<SettingsPage />, { path, route: "/settings/:section?" });
  return calls;
}

describe("addresses", () => {
  it("say who answers each", async () => {
    open("/settings", [ADDRESS, { ...ADDRESS, sid: "IG2", enabled: false }, { ...ADDRESS, sid: "IG3", target: "none", flow_sid: null }]);
    const rows = (await screen.findAllByRole("row")).slice(1);

    expect(within(rows[0]!).getByRole("link", { name: "Welcome" })).toHaveAttribute("href", "/flows/FW1");
    expect(rows[1]).toHaveTextContent("Off");
    expect(rows[2]).toHaveTextContent("Nobody");
  });

  it("are given another flow", async () => {
    const calls = open("/settings/addresses");

    await userEvent.click(await screen.findByRole("button", { name: "Edit +15550100" }));
    await userEvent.click(await screen.findByRole("combobox", { name: "Flow" }));
    await userEvent.click(await screen.findByRole("option", { name: "Survey" }));
    expect(screen.getByText(/never been published/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Save address" }));

    await waitFor(() => expect(calls.find((call) => call.method === "PUT")).toMatchObject({ path: "addresses/IG1", body: { flow_sid: "FW2", target: "studio", enabled: true } }));
  });

  it("are checked before they are sent", async () => {
    const calls = open("/settings", []);

    await userEvent.click(await screen.findByRole("button", { name: "New address" }));
    await userEvent.click(await screen.findByRole("button", { name: "Save address" }));

    expect(screen.getByText("Fill in the address customers write to.")).toBeVisible();
    expect(screen.getByText("Choose the flow that answers.")).toBeVisible();
    expect(calls.some((call) => call.method === "POST")).toBe(false);
  });

  it("know what each target needs", () => {
    const draft = { ...draftOf(null), address: "+1" };
    expect(Object.keys(addressProblems(draft))).toEqual(["flow_sid"]);
    expect(Object.keys(addressProblems({ ...draft, target: "webhook", webhook_url: "example.org" }))).toEqual(["webhook_url"]);
    expect(addressProblems({ ...draft, target: "none" })).toEqual({});
  });
});

describe("connections", () => {
  it("show where the provider has to send its webhooks", async () => {
    open("/settings/connections");
    const [, row] = await screen.findAllByRole("row");

    expect(row).toHaveTextContent("WhatsApp");
    expect(row).toHaveTextContent("https://desk.example/webhooks/XC1");
    expect(within(row!).getByRole("button", { name: "Copy the webhook address of Shop" })).toBeEnabled();
  });
});
