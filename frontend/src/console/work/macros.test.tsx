import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";

import type { CannedReply } from "../../api/console-types";
import { renderAt, serve, type Call } from "../../testing/render";
import { requests } from "../api/requests";
import { ConsoleClient } from "../client";
import { held } from "../core/fixtures";
import { emptyModel } from "../core/model";
import { DeskContext, type DeskActions } from "../DeskContext";
import { ClientContext } from "../useConsole";
import { MacroDialog } from "./MacroDialog";
import { filledStep, tasksOf, textsOf } from "./macros";

const BYE: CannedReply = {
  sid: "CR1", scope: "account", folder: "", shortcode: "bye", body: "Goodbye!", media: [], channels: [], editable: false, date_updated: "",
  steps: [{ do: "set", name: "plan", value: "gold" }, { do: "note", text: "Was glad" }, { do: "park", wake: "reply" }],
};
const task = held("WR1", { status: "accepted" });
const CH = `conversations/${task.conversation!.sid}`;
const CONTACT = { sid: "CT1", name: "Eva", attributes: { old: 1 }, addresses: [] };

function open(reply: CannedReply, answers: (call: Call) => { status?: number; body?: unknown } | undefined = () => undefined) {
  const calls = serve((call) => {
    const own = answers(call);
    if (own) return own;
    if (call.path === CH) return { body: { attributes: {} } };
    if (call.path === `${CH}/customer`) return { body: { contact: CONTACT, conversations: [], executions: [] } };
    if (call.path === "contacts/CT1") return { body: CONTACT };
    if (call.method === "POST") return { status: 201, body: {} };
    return undefined;
  });
  const onClose = vi.fn();
  const leave = vi.fn();
  renderAt(
    <ClientContext value={new ConsoleClient({ requests })}>
      <DeskContext value={{ leave } as unknown as DeskActions}>
        <MacroDialog reply={reply} task={task} model={emptyModel} onClose={onClose} />
      </DeskContext>
    </ClientContext>,
    { user: { username: "ana", name: "Ana López", role: "agent", worker_sid: "WK1" } },
  );
  return { calls, onClose, leave };
}

const said = (calls: Call[]) => calls.filter(({ method }) => method !== "GET").map(({ path, body }) => [path, body as Record<string, unknown>] as const);

describe("a macro", () => {
  it("shows what it does, and does it in order when the agent says so", async () => {
    const { calls, onClose, leave } = open(BYE);
    await screen.findByText("Set plan");
    expect(said(calls)).toEqual([]);
    await userEvent.click(screen.getByRole("button", { name: "Run" }));

    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(said(calls)).toEqual([
      [`${CH}/messages`, { body: "Goodbye!", media: [], client_ref: expect.stringMatching(/-0$/) as string }],
      ["contacts/CT1", { attributes: { old: 1, plan: "gold" } }],
      [`${CH}/internal`, { body: "Was glad", media: [], client_ref: expect.stringMatching(/-2$/) as string }],
      ["console/reservations/WR1/park", { wake_to: "agent", note: "" }],
    ]);
    expect(leave).toHaveBeenCalledWith(task);
  });

  it("says what did not work, and goes on from there", async () => {
    let tries = 0;
    const { calls, onClose } = open(BYE, (call) =>
      call.path.endsWith("/park") && (tries += 1) === 1 ? { status: 409, body: { code: 1, message: "The customer has written meanwhile.", status: 409 } } : undefined,
    );
    await userEvent.click(await screen.findByRole("button", { name: "Run" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("Done in part");
    expect(screen.getByRole("alert")).toHaveTextContent("The customer has written meanwhile.");
    await userEvent.click(screen.getByRole("button", { name: "Go on" }));

    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(said(calls).map(([path]) => path.split("/").at(-1))).toEqual(["messages", "CT1", "internal", "park", "park"]);
  });

  it("waits for what it does not know", async () => {
    open({ ...BYE, body: "Your order {{ task.order }} is ready." });

    expect(await screen.findByText(/Nothing is known for \{\{ task\.order \}\}/)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Run" })).toBeDisabled();
    await userEvent.clear(screen.getByLabelText(/^Message/));
    expect(screen.getByRole("button", { name: "Run" })).toBeEnabled();
  });

  it("fills in its texts, and says nothing where there is nothing to say", () => {
    const steps = BYE.steps.map((step) => filledStep(step, (text) => text.toUpperCase()));

    expect(textsOf("Hi", steps)).toBe("Hi\nGOLD\nWAS GLAD\n");
    expect(tasksOf({ reply: { media: [] }, body: " ", steps: [{ do: "end" }] }).map(({ label, detail }) => [label, detail])).toEqual([
      ["End the conversation", "then you wrap up"],
    ]);
  });
});
