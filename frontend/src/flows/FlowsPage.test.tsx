import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { FlowSummary } from "../api/types";
import { renderAt, serve } from "../testing/render";
import { FlowsPage } from "./FlowsPage";
import { fileProblem, MAX_IMPORT, nameFromFile, textProblem } from "./importing";
import { matchingFlows } from "./search";

function flow(change: Partial<FlowSummary>): FlowSummary {
  return {
    sid: "FW1", friendly_name: "Welcome", status: "published", revision: 3, published_revision: 3, widget_count: 5, valid: true,
    date_created: "2026-01-01T00:00:00Z", date_updated: "2026-01-01T00:00:00Z", addresses: [], ...change,
  };
}

describe("the list of flows", () => {
  it("lets supervisors look and export, and change nothing", async () => {
    serve(() => ({ body: { flows: [flow({})] } }));
    renderAt(<FlowsPage />, { role: "supervisor" });
    expect(await screen.findByRole("link", { name: "Welcome" })).toHaveAttribute("href", "/flows/FW1");
    expect(screen.queryByRole("button", { name: "New flow" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Import" })).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Actions for Welcome" }));
    expect((await screen.findAllByRole("menuitem")).map((item) => item.textContent)).toEqual(["Export"]);
  });

  it("tells state, size and addresses, and searches", async () => {
    serve(() => ({
      body: { flows: [flow({ addresses: ["+15550100"] }), flow({ sid: "FW2", friendly_name: "Survey", status: "draft", published_revision: null, widget_count: 1, valid: false })] },
    }));
    renderAt(<FlowsPage />);

    const list = await screen.findByRole("list", { name: "Flows" });
    const [welcome, survey] = within(list).getAllByRole("listitem");
    expect(welcome).toHaveTextContent(/Survey|Welcome/);
    expect(list).toHaveTextContent("answers +15550100");
    expect(list).toHaveTextContent("1 widget");
    expect(list).toHaveTextContent("never published");
    expect(list).toHaveTextContent("Errors");
    expect(survey).toBeDefined();

    await userEvent.type(screen.getByLabelText("Search flows"), "5550");
    expect(within(list).getAllByRole("listitem")).toHaveLength(1);
  });

  it("invites to begin when there is none", async () => {
    serve(() => ({ body: { flows: [] } }));
    renderAt(<FlowsPage />);
    expect(await screen.findByText("No flow yet")).toBeVisible();
  });

  it("says what failed and tries again", async () => {
    let broken = true;
    serve(() => (broken ? { status: 500, body: { code: 1, message: "The database is away.", status: 500 } } : { body: { flows: [flow({})] } }));
    renderAt(<FlowsPage />);

    expect(await screen.findByRole("alert")).toHaveTextContent("The database is away.");
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("link", { name: "Welcome" })).toHaveAttribute("href", "/flows/FW1");
  });

  it("creates a flow and opens it", async () => {
    const calls = serve(({ method }) => (method === "POST" ? { status: 201, body: flow({ sid: "FW9" }) } : { body: { flows: [] } }));
    const { router } = renderAt(<FlowsPage />, { others: [{ path: "/flows/:sid", element: <p>builder</p> }] });

    await userEvent.click(await screen.findByRole("button", { name: "New flow" }));
    await userEvent.click(await screen.findByRole("button", { name: "Create flow" }));
    expect(screen.getByText("Give the flow a name.")).toBeVisible();
    await userEvent.type(screen.getByLabelText("Name"), "Hello{Enter}");

    await waitFor(() => expect(router.state.location.pathname).toBe("/flows/FW9"));
    expect(calls.find((call) => call.method === "POST")?.body).toEqual({ friendly_name: "Hello" });
  });

  it("imports a definition and shows the report", async () => {
    const report = { converted: [{ widget: "a", from: "Message", to: "send-message" }], unknown: [{ widget: "b", type: "magic" }], placeholders: [{ widget: "c", path: "#/states/2/properties/workflow", text: "${WF}" }], notes: ["A note."] };
    const definition = { initial_state: "T", states: [{ name: "c", type: "send-to-flex", properties: { workflow: "${WF}" }, transitions: [] }] };
    const calls = serve(({ path }) => {
      if (path === "options") return { body: { workflows: [{ sid: "WW1", friendly_name: "Everyone" }], task_channels: [], flows: [], addresses: [] } };
      return path === "flows/import" ? { status: 201, body: { flow: { ...flow({ sid: "FW7" }), definition }, report } } : { body: { flows: [] } };
    });
    const { router } = renderAt(<FlowsPage />, { others: [{ path: "/flows/:sid", element: <p>The builder</p> }] });

    await userEvent.click(await screen.findByRole("button", { name: "Import" }));
    await userEvent.click(await screen.findByRole("button", { name: "Import flow" }));
    expect(screen.getByRole("alert")).toHaveTextContent("Paste a definition");
    await userEvent.click(screen.getByLabelText("Definition"));
    await userEvent.paste('{"states": []}');
    await userEvent.click(screen.getByRole("button", { name: "Import flow" }));

    expect(await screen.findByRole("region", { name: "Placeholders to fill in" })).toHaveTextContent("c: workflow");
    expect(screen.getByRole("region", { name: "Unknown widgets" })).toHaveTextContent("magic");
    expect(screen.getByRole("region", { name: "Converted widgets" })).toHaveTextContent("send-message");
    expect(calls.find((call) => call.path === "flows/import")?.body).toEqual({ text: '{"states": []}' });

    await userEvent.click(await screen.findByRole("combobox", { name: "${WF}" }));
    await userEvent.click(await screen.findByRole("option", { name: "Everyone" }));
    await userEvent.click(screen.getByRole("button", { name: "Open flow" }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/flows/FW7"));
    const filled = { ...definition, states: [{ ...definition.states[0], properties: { workflow: "WW1" } }] };
    expect(calls.find((call) => call.method === "PUT")).toMatchObject({ path: "flows/FW7/draft", body: { definition: filled, base_revision: 3 } });
  });

  it("deletes only after a question", async () => {
    const calls = serve(({ method }) => (method === "DELETE" ? { status: 204 } : { body: { flows: [flow({})] } }));
    renderAt(<FlowsPage />);

    await userEvent.click(await screen.findByRole("button", { name: "Actions for Welcome" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Delete" }));
    expect(calls.some((call) => call.method === "DELETE")).toBe(false);
    await userEvent.click(await screen.findByRole("button", { name: "Delete flow" }));

    await waitFor(() => expect(calls.find((call) => call.method === "DELETE")?.path).toBe("flows/FW1"));
  });
});

describe("an import before it is sent", () => {
  it("bounds files and texts and makes a name of the file's", () => {
    expect(fileProblem({ name: "a.json", size: MAX_IMPORT + 1 })).toContain("2.0 MB");
    expect(fileProblem({ name: "a.json", size: 0 })).toContain("empty");
    expect(fileProblem({ name: "a.json", size: 10 })).toBeNull();
    expect(textProblem(" ")).toContain("Paste");
    expect(textProblem("x".repeat(MAX_IMPORT + 1))).toContain("2.0 MB");
    expect(nameFromFile("my_welcome-flow.json")).toBe("my welcome flow");
  });

  it("orders flows by their last change", () => {
    const flows = [flow({ friendly_name: "b" }), flow({ friendly_name: "a" }), flow({ friendly_name: "c", date_updated: "2026-02-01T00:00:00Z" })];
    expect(matchingFlows(flows, "").map((one) => one.friendly_name)).toEqual(["c", "a", "b"]);
  });
});
