import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";

import { renderAt, serve, type Call } from "../testing/render";
import type { Contact } from "./api";
import { ContactForm } from "./ContactForm";
import { valueOf, written } from "./core";
import { MergeDialog } from "./MergeDialog";

const CLEO: Contact = {
  sid: "CT1", name: "Cleo", attributes: { tier: "gold" }, addresses: [{ channel_type: "sms", address: "+15551230001" }],
  date_created: "2030-01-01T10:00:00Z", date_updated: "2030-01-01T10:00:00Z",
};
const OTHER: Contact = { ...CLEO, sid: "CT2", name: "C. Customer", addresses: [{ channel_type: "whatsapp", address: "whatsapp:+15551230002" }] };
const sent = (calls: Call[], path: string) => calls.filter((call) => call.path === path && call.method !== "GET").map(({ body }) => body);

describe("attributes as they are written", () => {
  it.each([
    ["gold", "gold"], ["007", "007"], ["+15551230001", "+15551230001"], ["12", 12], ["true", true], ['{"a": 1}', { a: 1 }], ["{no json", "{no json"], ["", ""],
  ])("keep %j as %j", (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  it("need a name, each another one", () => {
    const draft = { name: "Cleo", addresses: [] };
    expect(written({ ...draft, rows: [{ key: "", value: "x" }] })).toBe("Every attribute needs a name.");
    expect(written({ ...draft, rows: [{ key: "a", value: "x" }, { key: "a ", value: "y" }] })).toBe("Two attributes have the same name.");
    expect(written({ name: " ", addresses: [{ channel_type: "sms", address: " " }], rows: [] })).toBe("Give a name or an address.");
  });
});

describe("a contact's form", () => {
  it("changes name, addresses and attributes", async () => {
    const calls = serve((call) => (call.path === "contacts/CT1" ? { body: CLEO } : undefined));
    const saved: Contact[] = [];
    renderAt(<ContactForm contact={CLEO} onSaved={(row) => saved.push(row)} onCancel={() => undefined} />);
    fireEvent.change(screen.getByLabelText("Name"), { target: { value: "Cleo Customer" } });
    await userEvent.click(screen.getByRole("button", { name: "Add an attribute" }));
    fireEvent.change(screen.getByLabelText("Name of attribute 2"), { target: { value: "city" } });
    fireEvent.change(screen.getByLabelText("Value of attribute 2"), { target: { value: "Rome" } });
    await userEvent.click(screen.getByRole("button", { name: "Remove address 1" }));
    await userEvent.click(screen.getByRole("button", { name: "Save" }));

    await waitFor(() => expect(saved).toEqual([CLEO]));
    expect(sent(calls, "contacts/CT1")).toEqual([{ name: "Cleo Customer", addresses: [], attributes: { tier: "gold", city: "Rome" } }]);
  });

  it("leads to who has the address already", async () => {
    serve(() => ({ status: 409, body: { code: 20409, message: "Another contact has the address", status: 409, details: { contact_sid: "CT2", name: "C. Customer" } } }));
    const shown: string[] = [];
    renderAt(<ContactForm contact={CLEO} onSaved={() => undefined} onCancel={() => undefined} onOther={(sid) => shown.push(sid)} />);
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await userEvent.click(await screen.findByRole("button", { name: "Show C. Customer" }));

    expect(shown).toEqual(["CT2"]);
  });
});

describe("merging", () => {
  it("takes another contact in, after saying what it means", async () => {
    const calls = serve((call) => {
      if (call.path.startsWith("contacts?")) return { body: { contacts: [CLEO, OTHER], next_page_token: null } };
      return call.path === "contacts/CT1/merge" ? { body: CLEO } : undefined;
    });
    const merged: Contact[] = [];
    renderAt(<MergeDialog contact={CLEO} opened onClose={() => undefined} onMerged={(row) => merged.push(row)} />);
    const dialog = await screen.findByRole("dialog");
    await userEvent.type(within(dialog).getByLabelText("The same person is also"), "cust");
    await userEvent.click(await within(dialog).findByRole("radio", { name: /C\. Customer/ }));
    expect(within(dialog).queryByRole("radio", { name: /Cleo/ })).toBeNull();
    expect(within(dialog).getByText(/cannot be undone/)).toBeInTheDocument();
    await userEvent.click(within(dialog).getByRole("button", { name: "Merge" }));

    await waitFor(() => expect(merged).toEqual([CLEO]));
    expect(sent(calls, "contacts/CT1/merge")).toEqual([{ other_sid: "CT2" }]);
  });
});
