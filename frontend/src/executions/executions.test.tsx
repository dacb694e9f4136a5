import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { Execution, ExecutionDetail } from "../api/types";
import { fullTime } from "../core/time";
import { renderAt, serve } from "../testing/render";
import { ExecutionPage } from "./ExecutionPage";
import { ExecutionsPage } from "./ExecutionsPage";
import { dayStart, warningText } from "./text";

const EXECUTION: Execution = {
  sid: "FN1", flow_sid: "FW1", flow_name: "Welcome", revision: 3, contact: "+15550123", status: "active", current_widget: "ask", error: null,
  date_created: "2026-01-01T10:00:00Z", date_updated: "2026-01-01T10:01:00Z", conversation_sid: "CH1",
};

describe("the list of executions", () => {
  it("reads its filters from the address and goes on to older ones", async () => {
    const calls = serve(({ path }) => {
      if (path === "flows") return { body: { flows: [] } };
      return path.includes("page_token=2") ? { body: { executions: [{ ...EXECUTION, sid: "FN2", contact: "+2" }], next_page_token: null } } : { body: { executions: [EXECUTION], next_page_token: "2" } };
    });
    renderAt(<ExecutionsPage />, { path: "/executions?status=active", route: "/executions" });

    expect(await screen.findByRole("link", { name: "+15550123" })).toHaveAttribute("href", "/executions/FN1");
    await userEvent.click(screen.getByRole("button", { name: "Show older" }));

    expect(await screen.findByRole("link", { name: "+2" })).toBeVisible();
    expect(calls.map((call) => call.path).filter((path) => path.startsWith("executions"))).toEqual(["executions?status=active", "executions?status=active&page_token=2"]);
    expect(screen.queryByRole("button", { name: "Show older" })).not.toBeInTheDocument();
  });

  it("tells an empty house from a filter that is too narrow", async () => {
    serve(({ path }) => ({ body: path === "flows" ? { flows: [] } : { executions: [], next_page_token: null } }));
    renderAt(<ExecutionsPage />, { path: "/executions?contact=x", route: "/executions" });

    expect(await screen.findByText("No execution matches")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Show all" }));
    expect(await screen.findByText("Nothing has run yet")).toBeVisible();
  });
});

describe("the filters of the list", () => {
  it("ask for failures, for one conversation, and for whole days of the browser's calendar", async () => {
    const calls = serve(({ path }) => ({ body: path === "flows" ? { flows: [] } : { executions: [EXECUTION], next_page_token: null } }));
    const { router } = renderAt(<ExecutionsPage />, { path: "/executions?has_error=true&conversation_sid=CH1&from=2026-01-31&to=2026-01-31", route: "/executions" });

    await screen.findByText("+15550123");
    const query = new URLSearchParams(calls.find((call) => call.path.startsWith("executions"))?.path.split("?")[1]);
    expect(Object.fromEntries(query)).toEqual({ has_error: "true", conversation_sid: "CH1", date_from: dayStart("2026-01-31"), date_to: dayStart("2026-02-01") });
    await userEvent.click(screen.getByRole("button", { name: "Show all conversations" }));
    expect(router.state.location.search).toBe("?has_error=true&from=2026-01-31&to=2026-01-31");
    expect([dayStart("nonsense"), dayStart(null)]).toEqual([null, null]);
  });
});

describe("one execution", () => {
  const detail: ExecutionDetail = {
    ...EXECUTION,
    steps: [
      {
        sid: "FT1", seq: 1, event: "incomingMessage", name: "Trigger", type: "trigger", transitioned_from: "Trigger", transitioned_to: "ask",
        changes: { "trigger.message.Body": "hello" }, warnings: [{ code: 81005, message: "No condition matched." }], date_created: "2026-01-01T10:00:00Z",
      },
    ],
    context: { flow: { variables: { name: "Ann" } } },
    http: [],
  };

  const failed: ExecutionDetail = {
    ...detail,
    status: "ended",
    error: "The endpoint did not answer.",
    steps: [
      ...detail.steps,
      {
        sid: "FT2", seq: 2, event: "failed", name: "call", type: "make-http-request", transitioned_from: "call", transitioned_to: "Ended",
        changes: { "widgets.call": { status_code: 503 } }, warnings: [], date_entered: "2026-01-01T10:00:00Z", date_created: "2026-01-01T10:00:02Z",
      },
    ],
    http: [
      { ref: 2, method: "GET", url: "https://api.example/x", request_body: null, status_code: 503, content_type: "text/plain", response_body: "busy", error: null, duration_ms: 40, date_created: "2026-01-01T10:00:01Z" },
    ],
  };

  it("says what a run that was begun again waits for, before its first step ends, and which run it repeats", async () => {
    const waiting = { name: "ask", waits_for: "reply", due_at: "2026-01-01T11:00:00Z", warnings: [{ code: 81002, message: "A message was ignored." }] };
    serve(() => ({ body: { ...detail, steps: [], waiting, initiated_by: "FN0", retries: ["FN8", "FN9"] } satisfies ExecutionDetail }));
    renderAt(<ExecutionPage />, { path: "/executions/FN1", route: "/executions/:sid" });

    expect(await screen.findByText(/^Now waiting at/)).toHaveTextContent(`Now waiting at ask for the customer’s reply until ${fullTime("2026-01-01T11:00:00Z")}`);
    expect(screen.getByText("81002: A message was ignored.")).toBeVisible();
    expect(screen.queryByText(/Not a step yet/)).not.toBeInTheDocument();
    expect(screen.getByRole("link", { name: "an earlier execution" })).toHaveAttribute("href", "/executions/FN0");
    expect(["once", "2nd time"].map((name) => screen.getByRole("link", { name }).getAttribute("href"))).toEqual(["/executions/FN8", "/executions/FN9"]);
  });

  it("shows its way, what each step set, and where it waits", async () => {
    serve(() => ({ body: detail }));
    renderAt(<ExecutionPage />, { path: "/executions/FN1", route: "/executions/:sid" });

    expect(await screen.findByText("81005: No condition matched.")).toBeVisible();
    expect(screen.getByText("trigger.message.Body")).toBeInTheDocument();
    expect(screen.getByText(/Now waiting at/)).toHaveTextContent("ask");
    await userEvent.click(screen.getByRole("tab", { name: "Variables" }));
    expect(await screen.findByText("Ann")).toBeVisible();
  });

  it("lets supervisors look, and stop or repeat nothing", async () => {
    serve(() => ({ body: { ...detail, status: "ended", error: "It failed" } }));
    renderAt(<ExecutionPage />, { path: "/executions/FN1", route: "/executions/:sid", role: "supervisor" });

    expect(await screen.findByRole("link", { name: "Show on the canvas" })).toBeVisible();
    expect(screen.queryByRole("button", { name: /Stop|Retry/ })).toBeNull();
  });

  it("ends only after a question", async () => {
    const calls = serve(() => ({ body: detail }));
    renderAt(<ExecutionPage />, { path: "/executions/FN1", route: "/executions/:sid" });

    await userEvent.click(await screen.findByRole("button", { name: "Stop" }));
    expect(calls.some((call) => call.method === "POST")).toBe(false);
    const dialog = await screen.findByRole("dialog", { name: "Stop this execution?" });
    await userEvent.click(within(dialog).getByRole("button", { name: "Stop execution" }));

    await waitFor(() => expect(calls.find((call) => call.method === "POST")).toMatchObject({ path: "executions/FN1", body: { status: "ended" } }));
  });

  it("runs again from a step only after a question, and goes to the new execution", async () => {
    const calls = serve(({ method, path }) => (method === "POST" ? { status: 201, body: { ...EXECUTION, sid: "FN2" } } : { body: { ...failed, sid: path.split("/")[1] } }));
    const { router } = renderAt(<ExecutionPage />, { path: "/executions/FN1", route: "/executions/:sid" });

    const step = await screen.findByRole("listitem", { name: "Step 2, call" });
    expect(within(step).getByText("https://api.example/x")).toBeVisible();
    expect(screen.getAllByRole("button", { name: "Retry from here" })).toHaveLength(1);
    await userEvent.click(within(step).getByRole("button", { name: "Retry from here" }));
    await userEvent.click(await screen.findByRole("button", { name: "Run again" }));

    await waitFor(() => expect(router.state.location.pathname).toBe("/executions/FN2"));
    expect(calls.find((call) => call.method === "POST")).toMatchObject({ path: "executions/FN1/retry", body: { step_sid: "FT2" } });
  });

  it("shows its conversation, and leads to the flow's canvas", async () => {
    const message = { sid: "IM1", index: 0, author: "+1", author_name: "", source: "customer", body: "Hi there", media: [], client_ref: null, delivery: null, date_created: "2026-01-01T10:00:00Z" };
    serve(({ path }) => ({ body: path.startsWith("conversations/CH1/messages") ? { messages: [message] } : failed }));
    renderAt(<ExecutionPage />, { path: "/executions/FN1", route: "/executions/:sid" });

    expect(await screen.findByRole("link", { name: "Show on the canvas" })).toHaveAttribute("href", "/flows/FW1?execution=FN1");
    await userEvent.click(screen.getByRole("tab", { name: "Conversation" }));
    expect(await screen.findByText("Hi there")).toBeVisible();
    expect(screen.getByRole("link", { name: "All executions of this conversation" })).toHaveAttribute("href", "/executions?conversation_sid=CH1");
  });

  it("says that it does not exist", async () => {
    serve(() => undefined);
    renderAt(<ExecutionPage />, { path: "/executions/FN9", route: "/executions/:sid" });
    expect(await screen.findByText("This execution does not exist")).toBeVisible();
  });

  it("reads warnings of any shape", () => {
    expect([warningText("plain"), warningText({ code: 1, message: "m" }), warningText({ odd: true })]).toEqual(["plain", "1: m", '{"odd":true}']);
  });
});
