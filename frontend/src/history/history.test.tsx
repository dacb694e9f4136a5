import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import type { Role } from "../api/types";
import { Marked } from "../app/Marked";
import { renderAt, serve, type Call } from "../testing/render";
import { beginOf, type Hit } from "./api";
import { HistoryPage } from "./HistoryPage";

const hit = (change: Partial<Hit> = {}): Hit => ({
  sid: "CH1", state: "closed", channel_type: "sms", date_created: "2030-01-01T10:00:00Z", date_closed: null, messages: 2, last_message: "Bye", wrap_ups: [],
  customer_name: "Cleo", customer_address: "+15551230001", agents: ["Ana"], found: null, ...change,
});
const said = (index: number, body: string, source = "customer") => ({
  sid: `IM${index}`, index, author: "+1", author_name: "", source, body, media: [], client_ref: null, delivery: null, date_created: "2030-01-01T10:00:00Z",
});

function open(answer: (call: Call) => object | undefined, { path = "/history", role = "supervisor" as Role } = {}) {
  const calls = serve((call) => {
    const body = answer(call) ?? (call.path.startsWith("supervisor/agents") ? { agents: [{ sid: "WK1", name: "Ana" }] } : undefined);
    return body ? { body } : undefined;
  });
  return { calls, ...renderAt(<HistoryPage />, { path, route: "/history/:sid?", role }) };
}
const asked = (calls: Call[]) => calls.map((call) => call.path).filter((path) => /^conversations(\?|$)/.test(path));

describe("the history", () => {
  it("finds by words, marks them, and keeps the filters in the address", async () => {
    const { calls, router } = open(({ path }) =>
      path.startsWith("conversations") ? { conversations: [hit({ found: path.includes("q=tent") ? { index: 0, source: "customer", author: "", text: "The TENT is gone" } : null })], next_page_token: null } : undefined,
    );
    expect(await screen.findByText("Bye")).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText("Search what was said, names and addresses"), "tent");

    expect(await screen.findByText("TENT")).toHaveProperty("tagName", "MARK");
    await userEvent.click(screen.getByRole("combobox", { name: "State" }));
    await userEvent.click(await screen.findByRole("option", { name: "Closed" }));
    await waitFor(() => expect(asked(calls).at(-1)).toBe("conversations?q=tent&state=closed"));
    expect(router.state.location.search).toBe("?q=tent&state=closed");
  });

  it("begins with what the address says, and goes on where nothing was found yet", async () => {
    const { calls } = open(
      ({ path }) => (path.includes("page_token=CH5") ? { conversations: [hit()], next_page_token: null } : path.startsWith("conversations") ? { conversations: [], next_page_token: "CH5" } : undefined),
      { path: "/history?q=needle&channel=sms" },
    );
    await userEvent.click(await screen.findByRole("button", { name: "Look further back" }));

    expect(await screen.findByRole("button", { name: "Cleo" })).toBeInTheDocument();
    expect(asked(calls)).toEqual(["conversations?q=needle&channel_type=sms", "conversations?q=needle&channel_type=sms&page_token=CH5"]);
  });

  it("opens a conversation at what was found, with what happened and what was noted", async () => {
    const pages: Record<string, object> = {
      "conversations/CH1/messages?limit=200": { messages: [said(200, "Later"), said(201, "Bye")] },
      "conversations/CH1/messages?limit=200&before=200": { messages: [said(0, "My tent is gone")] },
      "conversations/CH1/acts": { acts: [{ kind: "left", at: "2030-01-01T11:00:00Z", who: "Ana", to: "", text: "", seconds: null, sid: null }] },
      "conversations/CH1": {
        customer: { name: "Cleo", address: "+15551230001" }, channel_type: "sms", state: "closed", date_created: "2030-01-01T10:00:00Z", execution_sids: ["FN1"],
        wrap_ups: [{ agent: "Ana", disposition: "Sold", notes: "Two of them", values: {} }],
      },
    };
    open(
      ({ path }) => pages[path] ?? (path.startsWith("conversations?") ? { conversations: [hit({ found: { index: 0, source: "customer", author: "", text: "My tent is gone" } })], next_page_token: null } : undefined),
      { path: "/history?q=tent" },
    );
    await userEvent.click(await screen.findByRole("button", { name: "Cleo" }));
    const dialog = await screen.findByRole("dialog");

    const list = await within(dialog).findByRole("list", { name: "Messages" });
    await waitFor(() => expect(within(list).getByText("tent")).toHaveProperty("tagName", "MARK"));
    expect(within(dialog).getByText("Ana left")).toBeInTheDocument();
    expect(within(dialog).getByText("Two of them")).toBeInTheDocument();
    expect(within(dialog).getByRole("link", { name: "Execution" })).toHaveAttribute("href", "/executions/FN1");
    expect(within(dialog).queryByRole("link", { name: "Monitor" })).toBeNull();
  });

  it("is what agents took part in, without what only supervisors see", async () => {
    open(({ path }) => (path.startsWith("conversations") ? { conversations: [], next_page_token: null } : undefined), { role: "agent" });
    expect(await screen.findByText("No conversations yet")).toBeInTheDocument();
    expect(screen.getByText("The conversations you took part in")).toBeInTheDocument();
    expect(screen.queryByRole("combobox", { name: "Agent" })).toBeNull();
  });

  it("counts periods in days of the one who looks", () => {
    const now = new Date(2030, 4, 15, 13, 30);
    expect(beginOf("today", now)).toBe(new Date(2030, 4, 15).toISOString());
    expect(beginOf("week", now)).toBe(new Date(2030, 4, 9).toISOString());
    expect(beginOf("", now)).toBeUndefined();
  });

  it("marks every place, in any case, and nothing where the places cannot be told", () => {
    const marks = (text: string, words: string) => {
      const { container, unmount } = renderAt(<Marked text={text} words={words} />);
      const found = [...container.querySelectorAll("mark")].map((mark) => mark.textContent);
      unmount();
      return found;
    };
    expect(marks("Tent, tent and TENTS", "tent")).toEqual(["Tent", "tent", "TENT"]);
    expect(marks("Plain", "")).toEqual([]);
    expect(marks("İİ tent", "TENT")).toEqual(["tent"]);
  });
});
