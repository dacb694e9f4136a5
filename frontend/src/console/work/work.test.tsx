import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import { renderAt, serve, type Call } from "../../testing/render";
import { ConsoleClient } from "../client";
import { requests } from "../api/requests";
import { held, NOW } from "../core/fixtures";
import { emptyModel } from "../core/model";
import { DeskContext, type DeskActions } from "../DeskContext";
import { ClientContext } from "../useConsole";
import { ActionBar } from "./ActionBar";
import type { Transfer, Work, WrapUp } from "./api";
import { WorkBanner } from "./WorkBanner";
import { WrapUpPanel } from "./WrapUpPanel";

const RULES = { mode: "optional", seconds: null, extension_seconds: 0, dispositions: [], needs_disposition: false, fields: [] } as const;
const AROUND: Work = { agents: [{ sid: "UT1", worker_sid: "WK1", name: "Ana", is_me: true }], transfers: [], arrived_by: null, waiting_flow: "Welcome", rules: { ...RULES, dispositions: [], fields: [] }, wrap_up: null };
const ASKED: Transfer = {
  sid: "UX1", type: "warm", status: "active", reason: "", to_sid: "WK2", to_name: "Ben", note: "", is_mine: true, has_joined: false, date_created: "", date_updated: "",
};
const DIRECTORY = {
  agents: [
    { sid: "WK2", name: "Ben", activity: "Available", available: true, open_tasks: 1, has_room: true, is_present: false },
    { sid: "WK3", name: "Amy", activity: "Break", available: false, open_tasks: 0, has_room: true, is_present: false },
  ],
  queues: [{ sid: "WQ1", name: "Sales", waiting: 4, longest_wait: 65, workers: 2, available: 1, is_listed: true }],
};

function open(element: React.ReactElement, around: Work, answers: (call: Call) => { status?: number; body?: unknown } | undefined = () => undefined) {
  const calls = serve((call) => {
    const own = answers(call);
    if (own) return own;
    if (call.path === "console/reservations/WR1/work") return { body: around };
    if (call.path.startsWith("console/directory")) return { body: DIRECTORY };
    if (call.path === "console/flows") return { body: { flows: [{ sid: "FW1", friendly_name: "Survey" }] } };
    if (call.path === "console") return { body: { worker: null, activities: [], reservations: [], now: "2026-01-05T10:00:00Z" } };
    return undefined;
  });
  const leave = vi.fn();
  const desk = { select: vi.fn(), answer: vi.fn(), leave, toggleCustomer: vi.fn(), customerShown: false, offline: false } as unknown as DeskActions;
  const client = new ConsoleClient({ requests });
  renderAt(
    <ClientContext value={client}>
      <DeskContext value={desk}>{element}</DeskContext>
    </ClientContext>,
  );
  return { calls, leave };
}

const sent = (calls: Call[], path: string) => calls.filter((call) => call.path === path && call.method !== "GET").map(({ body }) => body);

describe("the action bar", () => {
  const bar = <ActionBar task={held("WR1", { status: "accepted" })} model={emptyModel} />;

  it("transfers to an agent who takes tasks", async () => {
    const { calls } = open(bar, AROUND, (call) => (call.path === "console/reservations/WR1/transfer" ? { status: 201, body: AROUND } : undefined));
    await userEvent.click(screen.getByRole("button", { name: "Transfer" }));
    const dialog = await screen.findByRole("dialog");
    await within(dialog).findByText("1 task");
    expect(within(dialog).queryByText("Amy")).toBeNull();

    await userEvent.click(within(dialog).getByRole("checkbox", { name: /who take no tasks/ }));
    expect(within(dialog).getByRole("radio", { name: /Amy/ })).toBeDisabled();
    await userEvent.click(within(dialog).getByRole("radio", { name: /Ben/ }));
    await userEvent.type(within(dialog).getByLabelText("Note for the colleague"), "Refund");
    await userEvent.click(within(dialog).getByRole("button", { name: "Ask to join" }));

    await waitFor(() => expect(sent(calls, "console/reservations/WR1/transfer")).toEqual([{ type: "warm", to: "WK2", note: "Refund" }]));
  });

  it("shows why a transfer was refused", async () => {
    open(bar, AROUND, (call) =>
      call.path === "console/reservations/WR1/transfer" ? { status: 409, body: { code: 20409, message: "Ben takes no tasks at the moment", status: 409 } } : undefined,
    );
    await userEvent.click(screen.getByRole("button", { name: "Transfer" }));
    await userEvent.click(await screen.findByRole("radio", { name: /Ben/ }));
    await userEvent.click(screen.getByRole("button", { name: "Ask to join" }));

    expect(await screen.findByRole("alert")).toHaveTextContent("Ben takes no tasks at the moment");
  });

  it("ends after a confirmation that names what is lost by it", async () => {
    const { calls } = open(bar, { ...AROUND, transfers: [ASKED] }, (call) => (call.path === "console/reservations/WR1/end" ? { body: AROUND } : undefined));
    await userEvent.click(screen.getByRole("button", { name: "End" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/Ben has been asked to come/)).toBeInTheDocument();
    await userEvent.click(within(dialog).getByRole("button", { name: "End and wrap up" }));

    await waitFor(() => expect(sent(calls, "console/reservations/WR1/end")).toEqual([{ for_all: false }]));
  });

  it("asks again when a colleague has joined at the same moment", async () => {
    const { calls } = open(bar, AROUND, (call) =>
      call.path === "console/reservations/WR1/end" && (call.body as { for_all: boolean }).for_all === false
        ? { status: 409, body: { code: 20409, message: "A colleague takes part too", status: 409, details: { agents: ["Ben"] } } }
        : call.path === "console/reservations/WR1/end" ? { body: AROUND } : undefined,
    );
    await userEvent.click(screen.getByRole("button", { name: "End" }));
    await userEvent.click(await screen.findByRole("button", { name: "End and wrap up" }));
    await userEvent.click(await screen.findByRole("button", { name: "End for everybody" }));

    await waitFor(() => expect(sent(calls, "console/reservations/WR1/end")).toEqual([{ for_all: false }, { for_all: true }]));
  });

  it("completes at once only where the wrap-up is optional", async () => {
    open(bar, { ...AROUND, rules: { ...AROUND.rules, mode: "mandatory" } });
    await userEvent.click(await screen.findByRole("button", { name: "End" }));

    await waitFor(() => expect(screen.queryByRole("button", { name: "End and complete" })).toBeNull());
    expect(screen.getByRole("button", { name: "End and wrap up" })).toBeInTheDocument();
  });

  it("lets the agent leave only while a colleague is there", async () => {
    const { calls } = open(bar, { ...AROUND, agents: [...AROUND.agents, { sid: "UT2", worker_sid: "WK2", name: "Ben", is_me: false }] }, (call) =>
      call.path === "console/reservations/WR1/leave" ? { body: AROUND } : undefined,
    );
    await userEvent.click(await screen.findByRole("button", { name: "Leave" }));

    await waitFor(() => expect(sent(calls, "console/reservations/WR1/leave")).toHaveLength(1));
    expect(screen.queryByRole("button", { name: "More for this conversation" })).toBeNull();
  });

  it("hands back to the flow that waits", async () => {
    const { calls, leave } = open(bar, AROUND, (call) => (call.path === "console/reservations/WR1/hand-back" ? { status: 204 } : undefined));
    await userEvent.click(await screen.findByRole("button", { name: "More for this conversation" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: /Hand back/ }));
    expect(await screen.findByRole("radio", { name: "Welcome goes on where it handed over" })).toBeChecked();
    await userEvent.click(screen.getByRole("button", { name: "Hand back" }));

    await waitFor(() => expect(leave).toHaveBeenCalled());
    expect(sent(calls, "console/reservations/WR1/hand-back")).toEqual([{}]);
  });
});

describe("the banner", () => {
  const banner = <WorkBanner task={held("WR1", { status: "accepted" })} />;

  it("takes an invitation back", async () => {
    const { calls } = open(banner, { ...AROUND, transfers: [ASKED] }, (call) => (call.path === "console/transfers/UX1/cancel" ? { body: ASKED } : undefined));
    expect(await screen.findByText("Waiting for Ben…")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Take back" }));

    await waitFor(() => expect(sent(calls, "console/transfers/UX1/cancel")).toHaveLength(1));
  });

  it("tells the sender that it was declined, until they have read it", async () => {
    open(banner, { ...AROUND, transfers: [{ ...ASKED, status: "failed", reason: "declined" }] });
    expect(await screen.findByText("Ben declined. You still have the conversation.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Dismiss" }));

    expect(screen.queryByText(/Ben declined/)).toBeNull();
  });

  it("shows what the colleague before noted", async () => {
    open(banner, { ...AROUND, arrived_by: { type: "cold", from: "Eva", note: "Be kind" } });

    expect(await screen.findByText("Be kind", { exact: false })).toBeInTheDocument();
  });
});

describe("the wrap-up", () => {
  const notes: WrapUp = {
    mode: "mandatory", seconds: null, extension_seconds: 0, dispositions: ["Sold", "Spam"], needs_disposition: true,
    fields: [{ name: "order", label: "Order number", type: "text", required: true, options: [] }],
    disposition: "", notes: "", values: {}, is_extended: false, date_started: new Date(NOW).toISOString(), due_at: null, date_ended: null, ended_by: "",
  };
  const panel = <WrapUpPanel task={held("WR1", { status: "wrapping" })} clockSkew={0} />;

  it("names what is missing, keeps what is written, and completes", async () => {
    const { calls, leave } = open(panel, { ...AROUND, wrap_up: notes }, (call) => {
      if (call.path === "console/reservations/WR1/wrap-up") return { body: notes };
      return call.path === "console/reservations/WR1" ? { body: {} } : undefined;
    });
    await userEvent.click(await screen.findByRole("button", { name: "Complete" }));
    expect(screen.getByText("Choose one.")).toBeInTheDocument();
    expect(screen.getByText("Fill this in.")).toBeInTheDocument();

    await userEvent.type(screen.getByLabelText(/Order number/), "4711");
    await waitFor(() => expect(sent(calls, "console/reservations/WR1/wrap-up")).toContainEqual({ disposition: "", notes: "", values: { order: "4711" } }));
    await userEvent.click(screen.getByRole("combobox", { name: /Disposition/ }));
    await userEvent.click(await screen.findByRole("option", { name: "Sold" }));
    await userEvent.click(screen.getByRole("button", { name: "Complete" }));

    await waitFor(() => expect(leave).toHaveBeenCalled());
    expect(sent(calls, "console/reservations/WR1")).toEqual([{ status: "completed", wrap_up: { disposition: "Sold", notes: "", values: { order: "4711" } } }]);
  });

  it("cannot be ended before its time where the queue says so", async () => {
    open(panel, { ...AROUND, wrap_up: { ...notes, mode: "timed_strict", due_at: new Date(Date.now() + 60_000).toISOString() } });

    expect(await screen.findByRole("button", { name: "Complete" })).toBeDisabled();
    expect(screen.getByRole("timer")).toHaveTextContent(/left/);
  });

  it("is extended once", async () => {
    const due = new Date(Date.now() + 60_000).toISOString();
    const timed: WrapUp = { ...notes, mode: "timed", extension_seconds: 90, due_at: due };
    open(panel, { ...AROUND, wrap_up: timed }, (call) =>
      call.path === "console/reservations/WR1/wrap-up/extend" ? { body: { ...timed, is_extended: true } } : undefined,
    );
    await userEvent.click(await screen.findByRole("button", { name: "Add 1:30" }));

    await waitFor(() => expect(screen.queryByRole("button", { name: "Add 1:30" })).toBeNull());
  });
});
