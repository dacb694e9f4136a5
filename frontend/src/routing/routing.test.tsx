import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { renderAt, serve, type Call } from "../testing/render";
import { RoutingScreens } from "./RoutingPage";
import type { Explanation, Routing, RoutingTask } from "./types";

const ROUTING: Routing = {
  workspace: { sid: "WS1", friendly_name: "Main", default_activity_sid: "WA1", timeout_activity_sid: "WA1", prioritize_queue_order: "FIFO", channel_fairness: "none", event_callback_url: "", events_filter: "" },
  queues: [
    { sid: "WQ1", friendly_name: "Sales", target_workers: 'skills HAS "sales"', task_order: "FIFO", max_reserved_workers: 1, worker_count: 2, waiting: 3, date_updated: "" },
    { sid: "WQ2", friendly_name: "Everyone", target_workers: "1==1", task_order: "LIFO", max_reserved_workers: 1, worker_count: 0, waiting: 0, date_updated: "" },
  ],
  workflows: [
    {
      sid: "WW1", friendly_name: "Support", assignment_callback_url: "", fallback_assignment_callback_url: "", task_reservation_timeout: 120, waiting: 3, date_updated: "",
      configuration: { task_routing: { filters: [{ filter_friendly_name: "Gold", expression: "a == 1", targets: [{ queue: "WQ1" }] }, { filter_friendly_name: "Silver", expression: "a == 2", targets: [{ queue: "WQ2" }] }], default_filter: { queue: "WQ2" } } },
    },
  ],
  workers: [
    { sid: "WK1", friendly_name: "Ana", attributes: { skills: ["sales"] }, activity_sid: "WA1", activity_name: "Offline", available: false, channels: [{ task_channel_sid: "TC1", unique_name: "chat", capacity: 3, available: true, assigned: 1 }], open_reservations: 1, user: null, date_updated: "" },
    { sid: "WK2", friendly_name: "Bo", attributes: {}, activity_sid: "WA1", activity_name: "Offline", available: false, channels: [], open_reservations: 0, user: null, date_updated: "" },
  ],
  activities: [{ sid: "WA1", friendly_name: "Offline", available: false, worker_count: 2 }],
  task_channels: [{ sid: "TC1", unique_name: "chat", friendly_name: "Chat", default_capacity: 1, channel_optimized_routing: false, is_built_in: true }],
  calendars: [],
};
const TASK: RoutingTask = { sid: "WT1", status: "pending", priority: 0, age: 90, attributes: { name: "Kim" }, channel: "chat", queue: { sid: "WQ1", friendly_name: "Sales" }, workflow: { sid: "WW1", friendly_name: "Support" }, worker_name: null, reason: "", is_waiting: true, date_created: "" };
const WHY: Explanation = {
  task: TASK, status: "pending", summary: "Nobody can take it now", ahead: 0, queue_expression: "level > 1", due: [],
  workflow: { workflow_sid: "WW1", filter: "Gold", filter_index: 0, target_index: 0, task_queue_sid: "WQ1", task_queue_name: "Sales", expression: null, leaves_at: null },
  workers: [{ worker_sid: "WK1", worker_name: "Ana", verdict: "activity", reason: "is in the activity Offline, which is not available" }],
  counts: { activity: 1 },
  attempts: [{ at: "2026-11-22T10:00:00Z", outcome: "waiting", explanation: "No eligible worker", task_queue_sid: "WQ1", candidates: [], counts: {} }],
};
const CHECK = { ok: true, error: null, workers: 2, tasks: null, tasks_seen: 0, attributes_seen: { worker: ["skills"], task: [], calendar: [] } };

function open(path: string, { canEdit = true, refusal }: { canEdit?: boolean; refusal?: object } = {}): Call[] {
  const calls = serve((call) => {
    if (call.path === "routing") return { body: ROUTING };
    if (call.path === "routing/expressions/check") return { body: CHECK };
    if (call.path.startsWith("routing/tasks?")) return { body: { tasks: [TASK], next_page_token: null } };
    if (call.path === "routing/tasks/WT1/explanation") return { body: WHY };
    if (call.method === "PUT") return refusal ? { status: 400, body: refusal } : { body: ROUTING.workflows[0] };
    return undefined;
  });
  renderAt(<RoutingScreens canEdit={canEdit} />, { path, route: "/routing/:section?/:sid?" });
  return calls;
}

describe("queues", () => {
  it("show who waits and who could help", async () => {
    open("/routing");
    const row = (await screen.findByRole("rowheader", { name: "Sales" })).closest("tr")!;

    expect(within(row).getAllByRole("cell").map((cell) => cell.textContent)).toEqual(['skills HAS "sales"', "3", "2", "Oldest first", ""]);
  });

  it("tell what an expression matches while it is edited", async () => {
    open("/routing/queues");

    await userEvent.click(await screen.findByRole("button", { name: "Edit Sales" }));

    expect(await screen.findByText("Matches 2 workers")).toBeVisible();
  });

  it("say what the server refuses in the form's words", async () => {
    open("/routing/queues", { refusal: { code: 20001, message: "MaxReservedWorkers must be between 1 and 50", status: 400 } });
    await userEvent.click(await screen.findByRole("button", { name: "Edit Sales" }));
    await userEvent.click(screen.getByRole("button", { name: "Save queue" }));

    expect(await screen.findByRole("alert", { name: "Not saved" })).toHaveTextContent("“Workers asked at once” must be between 1 and 50");
  });

  it("are only read by supervisors", async () => {
    open("/routing/queues", { canEdit: false });

    expect(await screen.findByRole("button", { name: "Look at Sales" })).toBeVisible();
    expect(screen.queryByRole("button", { name: /New|Edit|Delete/ })).toBeNull();
  });
});

describe("a workflow", () => {
  it("is reordered by buttons and saved whole", async () => {
    const calls = open("/routing/workflows/WW1");

    await userEvent.click(await screen.findByRole("button", { name: "Move Silver up" }));
    await userEvent.click(screen.getByRole("button", { name: "Save workflow" }));

    await waitFor(() => expect(calls.some((call) => call.method === "PUT")).toBe(true));
    const { filters, default_filter } = (ROUTING.workflows[0]!.configuration as { task_routing: { filters: object[]; default_filter: object } }).task_routing;
    expect(calls.find((call) => call.method === "PUT")).toMatchObject({ path: "routing/workflows/WW1", body: { configuration: { task_routing: { filters: [filters[1], filters[0]], default_filter } }, re_evaluate_tasks: false } });
  });

  it("shows a refusal at the expression it is about", async () => {
    open("/routing/workflows/WW1", { refusal: { code: 20001, message: "expected an operator", status: 400, details: { path: "task_routing.filters[1].expression", line: 1, column: 3 } } });

    await userEvent.click(await screen.findByRole("button", { name: "Save workflow" }));

    const card = await screen.findByRole("article", { name: "Filter 2: Silver" });
    expect(await within(card).findByText("expected an operator")).toBeVisible();
  });
});

describe("workers", () => {
  it("are found by their skills", async () => {
    open("/routing/workers");

    await userEvent.type(await screen.findByRole("searchbox", { name: "Search workers" }), "sales");

    expect(screen.getAllByRole("rowheader").map((cell) => cell.textContent)).toEqual(["Ana"]);
  });
});

describe("a waiting task", () => {
  it("says why it waits", async () => {
    open("/routing/tasks");

    await userEvent.click(await screen.findByRole("button", { name: "Why is it waiting? Kim" }));
    const dialog = await screen.findByRole("dialog", { name: "Why is this task waiting?" });

    expect(await within(dialog).findByText("Nobody can take it now.")).toBeVisible();
    expect(within(dialog).getByText("1 agent is not available at the moment")).toBeVisible();
    expect(within(dialog).getByRole("region", { name: "Where it waits" })).toHaveTextContent("In the queue Sales: it matches the filter “Gold”.");
    expect(within(dialog).getByText("level > 1")).toBeVisible();
  });
});
