import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { renderAt, serve, type Call } from "../testing/render";
import { personDraft, personProblems, type ApiKey, type Person } from "./people";
import { SettingsPage } from "./SettingsPage";

const ANA: Person = { sid: "US1", username: "ana", name: "Ana Almeida", email: "", role: "agent", is_active: true, worker_sid: "WK1", skills: ["sales"], teams: [], second_factor: false, has_password: true, last_login: null };
const CRM: ApiKey = { sid: "SK1", friendly_name: "CRM", scopes: [], last_used: null, date_created: "2030-01-01T10:00:00Z" };

function open(path: string, refusal?: string): Call[] {
  const keys: ApiKey[] = [];
  const calls = serve((call) => {
    if (refusal && call.method !== "GET") return { status: 400, body: { code: 20001, message: refusal, status: 400 } };
    if (call.path === "users") return call.method === "GET" ? { body: { skills: ["sales"], users: [ANA, { ...ANA, sid: "US2", username: "ben", name: "Ben", is_active: false, worker_sid: null }] } } : { status: 201, body: ANA };
    if (call.path === "users/US1") return { body: ANA };
    if (call.path === "api-keys" && call.method === "POST") {
      keys.push(CRM);
      return { status: 201, body: { ...CRM, secret: "s3cret" } };
    }
    if (call.path === "api-keys") return { body: { api_keys: [...keys], scopes: ["studio:read"] } };
    if (call.path === "api-keys/SK1") {
      keys.pop();
      return { status: 204 };
    }
    return undefined;
  });
  renderAt(<SettingsPage />, { path, route: "/settings/:section?" });
  return calls;
}

describe("people", () => {
  it("are listed with their role and whether they take tasks", async () => {
    open("/settings/people");
    const rows = (await screen.findAllByRole("row")).slice(1);

    expect(rows[0]).toHaveTextContent(/Ana Almeida.*Agent.*Takes tasks.*Never/s);
    expect(rows[1]).toHaveTextContent(/Ben.*Locked.*None/s);
  });

  it("are added with what was typed", async () => {
    const calls = open("/settings/people");

    await userEvent.click(await screen.findByRole("button", { name: "New person" }));
    await userEvent.type(screen.getByLabelText("User name"), "cleo");
    await userEvent.type(screen.getByLabelText("Password"), "long enough 1");
    await userEvent.click(screen.getByRole("button", { name: "Save person" }));

    await waitFor(() =>
      expect(calls.find((call) => call.method === "POST")?.body).toMatchObject({ username: "cleo", password: "long enough 1", role: "agent", takes_tasks: true }),
    );
  });

  it("keep their password when none is typed", async () => {
    const calls = open("/settings/people");

    await userEvent.click(await screen.findByRole("button", { name: "Edit ana" }));
    await userEvent.click(screen.getByRole("button", { name: "Save person" }));

    await waitFor(() => expect(calls.find((call) => call.method === "PUT")).toBeTruthy());
    expect(calls.find((call) => call.method === "PUT")?.body).not.toHaveProperty("password");
  });

  it("show what the server refuses", async () => {
    open("/settings/people", "Somebody has to stay an active admin");

    await userEvent.click(await screen.findByRole("button", { name: "Edit ana" }));
    await userEvent.click(screen.getByRole("button", { name: "Save person" }));

    expect(await screen.findByRole("alert")).toHaveTextContent("Somebody has to stay an active admin");
  });

  it("are checked before they are sent", () => {
    expect(Object.keys(personProblems(personDraft(null), true))).toEqual(["username", "password"]);
    expect(personProblems(personDraft(ANA), false)).toEqual({});
    expect(Object.keys(personProblems({ ...personDraft(ANA), password: "short", email: "x" }, false))).toEqual(["password", "email"]);
  });
});

describe("API keys", () => {
  it("show their secret once, and end", async () => {
    open("/settings/keys");
    expect(await screen.findByText("No key yet")).toBeVisible();

    await userEvent.type(screen.getByLabelText("Name of the new key"), "CRM");
    await userEvent.click(screen.getByRole("button", { name: "Create key" }));
    expect(await screen.findByText("s3cret")).toBeVisible();
    const table = await screen.findByRole("table");
    expect(within(table).getByText("SK1")).toBeVisible();

    await userEvent.click(screen.getByRole("button", { name: "End CRM" }));
    await userEvent.click(await screen.findByRole("button", { name: "End the key" }));

    expect(await screen.findByText("No key yet")).toBeVisible();
  });
});
