/** What the server says against a form names what stands on the form, and no field of the API. */
import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { renderAt, serve } from "../testing/render";
import { SettingsPage } from "./SettingsPage";

const SETTINGS = { warn_after: 180, late_after: 300, by_channel: {}, tells_typing: true, shows_text: true, personal_replies: true };
const ADDRESS = {
  sid: "IG1", type: "sms", address: "+15550100", friendly_name: "Main number", target: "none", flow_sid: null, flow_name: null, webhook_url: null, enabled: true,
};
const KNOWN: Record<string, unknown> = {
  "console/settings": SETTINGS,
  "panel-apps": { apps: [] },
  "message-templates": { templates: [] },
  teams: { teams: [] },
  users: { users: [], skills: [] },
  addresses: { addresses: [ADDRESS] },
  connections: { connections: [] },
  flows: { flows: [] },
};

/** Where, what is pressed, what is filled in, what saves it; what the server says, and what is read. */
const FORMS: [string, string[], Record<string, string>, string, string, string][] = [
  ["console", ["Tell that somebody types"], {}, "Save", "warn_after must come before late_after, and both lie within seven days", "“Yellow after” must come before “Red after”, and both lie within seven days"],
  ["console", ["Tell that somebody types"], {}, "Save", "by_channel.sms must have warn_after and late_after in whole seconds", "“SMS” must have “Yellow after” and “Red after” in whole seconds"],
  ["apps", ["New app"], { Name: "Shop" }, "Save app", "url must be a web address", "“Address” must be a web address"],
  [
    "templates", ["New template"], { Name: "Ready", "The provider’s name of it": "x", "Text as it was approved": "Hello" }, "Save template",
    "content_sid is what the provider knows the template by, up to 128 characters", "“The provider’s name of it” is what the provider knows the template by, up to 128 characters",
  ],
  ["teams", ["New team"], { Name: "Night shift" }, "Save team", "Missing required parameter name in the post body", "“Name” is missing"],
  ["addresses", ["Edit +15550100"], { Name: "Number" }, "Save address", "friendly_name must have at most 256 characters", "“Name” must have at most 256 characters"],
];

describe("a refusal in the settings", () => {
  it.each(FORMS)("%s: %s", async (section, presses, fields, save, message, words) => {
    serve((call) => (call.method === "GET" ? { body: KNOWN[call.path] } : { status: 400, body: { code: 20001, message, status: 400 } }));
    renderAt(<SettingsPage />, { path: `/settings/${section}`, route: "/settings/:section?" });

    for (const name of presses) await userEvent.click(await screen.findByRole(name.startsWith("Tell") ? "switch" : "button", { name: (found) => found.startsWith(name) }));
    for (const [label, value] of Object.entries(fields)) {
      const field = await screen.findByRole("textbox", { name: label });
      await userEvent.clear(field);
      await userEvent.type(field, value);
    }
    await userEvent.click(screen.getByRole("button", { name: save }));

    expect(await screen.findByRole("alert", { name: "Not saved" })).toHaveTextContent(words);
  });
});
