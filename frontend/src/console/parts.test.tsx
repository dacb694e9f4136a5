/** The console's parts as an agent meets them: by role and name. */
import { MantineProvider } from "@mantine/core";
import { act, render, screen } from "@testing-library/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { CannedReply, Internal } from "../api/console-types";
import type { Message, Reservation } from "../api/types";
import { LoggedIn, serve } from "../testing/render";
import type { ConsoleClient } from "./client";
import { KeysDialog } from "./commands/KeysDialog";
import type { Keymap } from "./core/commands";
import { held, iso, message, NOW, reservation, snapshot } from "./core/fixtures";
import { defaultSettings, emptyModel, reduce, type Model } from "./core/model";
import { listView } from "./core/tasks";
import { DeskContext, type DeskActions } from "./DeskContext";
import { ActivityPicker } from "./list/ActivityPicker";
import { MissedCard } from "./list/MissedCard";
import { OfferCard } from "./list/OfferCard";
import { TaskList } from "./list/TaskList";
import { Composer } from "./talk/composer/Composer";
import { MediaViewer } from "./talk/MediaViewer";
import { InternalRow, MessageRow, OutgoingRow } from "./talk/MessageRow";
import { ClientContext } from "./useConsole";

const ANA = { username: "ana", name: "Ana López", role: "agent", worker_sid: "WK1" } as const;

const show = (element: ReactElement) =>
  render(
    <MantineProvider env="test">
      <LoggedIn user={ANA}>{element}</LoggedIn>
    </MantineProvider>,
  );

// happy-dom has no fonts, whose loading a growing field listens to.
Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers({ now: NOW, toFake: ["Date", "setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe("an offer", () => {
  const offer = held("1", {
    status: "pending", date_created: iso(NOW - 10_000), expires_at: iso(NOW + 20_000), queue_name: "Support",
    conversation: {
      customer_name: "Eva", channel_type: "whatsapp", customer_said: "Help!",
      last_message: { index: 1, author: "", body: "Somebody comes.", source: "flow", date_created: iso(NOW) },
    },
  });

  it("says who waits where, how long, and what is left to answer", () => {
    show(<OfferCard offer={offer} clockSkew={0} onAnswer={() => Promise.resolve()} />);

    const card = screen.getByRole("article", { name: "Offer: Eva, WhatsApp" });
    expect(card).toHaveTextContent("WhatsApp · Support");
    expect(card).toHaveTextContent("Help!");
    expect(card).toHaveTextContent("Waiting for 1:30");
    expect(screen.getByRole("timer")).toHaveAccessibleName("20 seconds left");
  });

  it("counts by the server's clock", () => {
    show(<OfferCard offer={offer} clockSkew={5_000} onAnswer={() => Promise.resolve()} />);

    expect(screen.getByRole("timer")).toHaveAccessibleName("15 seconds left");
  });

  it("is answered once", async () => {
    const answers: string[] = [];
    const never = new Promise<void>(() => undefined);
    show(<OfferCard offer={offer} clockSkew={0} onAnswer={(_, status) => (answers.push(status), never)} />);
    await userEvent.click(screen.getByRole("button", { name: "Accept" }));
    await userEvent.click(screen.getByRole("button", { name: "Reject" }));

    expect(answers).toEqual(["accepted"]);
  });

  it("cannot be answered when its time is over", async () => {
    show(<OfferCard offer={offer} clockSkew={0} onAnswer={() => Promise.resolve()} />);
    await act(() => vi.advanceTimersByTimeAsync(21_000));

    expect(screen.getByRole("button", { name: "Accept" })).toBeDisabled();
    expect(screen.getByRole("timer")).toHaveAccessibleName("Expired");
  });
});

describe("the composer", () => {
  const replies: CannedReply[] = [
    { sid: "CR1", scope: "account", folder: "Greetings", shortcode: "hello", body: "Hello {{ customer.first_name | there }}, {{ agent.first_name }} here.", media: [], steps: [], channels: [], editable: false, date_updated: iso(NOW) },
    { sid: "CR2", scope: "account", folder: "", shortcode: "help", body: "How can I help with {{ task.topic }}?", media: [], steps: [], channels: ["sms"], editable: false, date_updated: iso(NOW) },
  ];
  const templates = [
    { sid: "MT1", name: "Order ready", channel_type: "whatsapp", content_sid: "HX1", body: "Hi {{1}}, ready.", variables: ["1"], date_updated: iso(NOW) },
  ];
  const setUp = (conversation: Partial<NonNullable<Reservation["conversation"]>> = {}) => {
    serve(({ path }) => {
      if (path === "canned-replies") return { body: { replies } };
      if (path === "message-templates") return { body: { templates } };
      if (path.startsWith("conversations/")) return { body: { attributes: {} } };
      return undefined;
    });
    const sent: unknown[] = [];
    const client = {
      sending: { send: (_sid: string, body: string, more: object) => sent.push({ body, ...more }) },
      presence: { write: () => undefined, stopWriting: () => undefined },
    };
    const task = held("1", { conversation: { customer_name: "Eva Green", ...conversation } });
    const element = (
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <ClientContext value={client as unknown as ConsoleClient}>
          <DeskContext value={{ offline: false } as DeskActions}>
            <Composer task={task} conversation={task.conversation!} model={emptyModel} />
          </DeskContext>
        </ClientContext>
      </QueryClientProvider>
    );
    const shown = show(element);
    return { ...shown, sent, field: () => screen.getByRole("textbox", { name: /^(Message|Note)$/ }) };
  };
  const message = (body: string) => ({ body, kind: "message", media: [] });

  it("sends on Enter and starts a line on Shift and Enter", async () => {
    const { sent, field } = setUp();
    await userEvent.type(field(), "one{Shift>}{Enter}{/Shift}two{Enter}");

    expect(sent).toEqual([message("one\ntwo")]);
    expect(field()).toHaveValue("");
  });

  it("keeps message and note apart, over a reload, until they are sent", async () => {
    const first = setUp();
    await userEvent.type(first.field(), "half a th");
    await userEvent.click(screen.getByRole("radio", { name: "Note" }));
    await userEvent.type(first.field(), "rude");
    first.unmount();

    const { sent, field } = setUp();
    expect(screen.getByRole("textbox", { name: "Note" })).toHaveValue("rude");
    await userEvent.type(field(), "!{Enter}");
    expect(screen.getByRole("textbox", { name: "Message" })).toHaveValue("half a th");
    await userEvent.type(field(), "ought{Enter}");

    expect(sent).toEqual([{ body: "rude!", kind: "note", media: [] }, message("half a thought")]);
    expect(localStorage.length).toBe(0);
  });

  it("shows what another tab wrote", async () => {
    const { field } = setUp();
    localStorage.setItem("flowdesk.console.draft.CH1", "from there");
    vi.spyOn(document, "hasFocus").mockReturnValue(false);
    act(() => void window.dispatchEvent(new StorageEvent("storage", { key: "flowdesk.console.draft.CH1", newValue: "from there" })));

    expect(field()).toHaveValue("from there");
  });

  it("does not send what is empty or too long", async () => {
    const { sent, field } = setUp({ channel_type: "sms" });
    await userEvent.type(field(), "  {Enter}");
    await userEvent.click(field());
    await userEvent.paste("x".repeat(1_602));
    await userEvent.keyboard("{Enter}");

    expect(sent).toEqual([]);
    expect(screen.getByText("2 characters too long.")).toBeInTheDocument();
  });

  it("says how many SMS it will be, and what makes it more", async () => {
    const { field } = setUp({ channel_type: "sms" });
    await userEvent.click(field());
    await userEvent.paste("x".repeat(200));
    expect(screen.getByText("200 characters · 2 SMS · 106 left · GSM-7")).toBeInTheDocument();

    await userEvent.paste("ж");

    expect(screen.getByText(/201 units · 3 SMS · 0 left · UCS-2 · “ж” is not in the SMS alphabet/)).toBeInTheDocument();
  });

  it("inserts canned replies where the caret is, filled in, several in one message", async () => {
    const { sent, field } = setUp();
    await userEvent.type(field(), "/hel");
    const option = await screen.findByRole("option", { name: /\/hello/ });
    expect(option).toHaveTextContent("Hello Eva, Ana here.");
    expect(screen.queryByRole("option", { name: /\/help/ })).toBeNull();
    await userEvent.keyboard("{Enter}");
    await userEvent.type(field(), " /hello");
    await screen.findByRole("option", { name: /\/hello/ });
    await userEvent.keyboard("{Tab}");
    await userEvent.keyboard("{Enter}");

    expect(sent).toEqual([message("Hello Eva, Ana here. Hello Eva, Ana here.")]);
  });

  it("does not send a variable that nobody filled in", async () => {
    const { sent, field } = setUp({ channel_type: "sms" });
    await userEvent.type(field(), "/help");
    await screen.findByRole("option", { name: /\/help/ });
    await userEvent.keyboard("{Enter}{Enter}");

    expect(sent).toEqual([]);
    expect(screen.getByText(/Fill in {{ task.topic }} before you send/)).toBeInTheDocument();
  });

  const limits = { max_body: 4096, max_media: 10, max_media_bytes: 1_000, window_seconds: 86_400, strips: ["lists"] };

  it("counts the time for free text down, and offers templates when it has ended", async () => {
    const open = setUp({ channel_type: "whatsapp", limits, last_customer_at: iso(NOW - 23 * 3_600_000) });
    expect(screen.getByText("WhatsApp takes free text for 1 h more")).toBeInTheDocument();
    open.unmount();

    const { sent } = setUp({ channel_type: "whatsapp", limits, last_customer_at: iso(NOW - 25 * 3_600_000) });
    await screen.findByRole("form", { name: "Send a template" });
    expect(screen.queryByRole("textbox", { name: "Message" })).toBeNull();
    await userEvent.type(await screen.findByRole("textbox", { name: "Value 1" }), "Eva");
    await userEvent.click(screen.getByRole("button", { name: "Send the template" }));

    expect(sent).toEqual([{ body: "Hi Eva, ready.", template: { sid: "MT1", variables: { 1: "Eva" } } }]);
  });

  it("says what the channel will not show, and refuses files that it does not take", async () => {
    const { field } = setUp({ channel_type: "whatsapp", limits, last_customer_at: iso(NOW) });
    await userEvent.click(field());
    await userEvent.paste("- one");
    expect(screen.getByText(/The customer sees plain signs for: lists/)).toBeInTheDocument();

    await userEvent.upload(screen.getByLabelText("Attach files", { selector: "input" }), new File(["x".repeat(2_000)], "big.pdf"));

    expect(screen.getByRole("alert")).toHaveTextContent("2 KB: the channel takes 1 KB");
  });
});

describe("the task list", () => {
  const modelWith = (...given: Parameters<typeof snapshot>[0]) =>
    reduce(emptyModel, { type: "snapshot", state: snapshot(given), asked: 0, now: NOW });

  it("says what a screen reader has to know of a task", () => {
    const last = { index: 3, author: "eva", body: "Where is it?", source: "customer" as const, date_created: iso(NOW - 10_000) };
    const model = modelWith(
      reservation("1", { task: { age: 200 }, conversation: { last_message: { ...last, date_created: iso(NOW - 200_000) }, waiting_since: iso(NOW - 200_000), last_customer_at: iso(NOW - 200_000), unread: 2 } }),
    );
    show(<TaskList model={model} view={listView(null)} selected={null} available onView={() => undefined} onSelect={() => undefined} />);

    const row = screen.getByRole("button", { name: "Web chat Eva Waiting 3 min Where is it? 2 unread" });
    expect(row).toHaveClass("task--warn");
  });

  it.each([[true, "No tasks right now"], [false, "You are not taking tasks"]])("explains its emptiness (available: %s)", (available, title) => {
    show(<TaskList model={modelWith()} view={listView(null)} selected={null} available={available} onView={() => undefined} onSelect={() => undefined} />);

    expect(screen.getByRole("heading", { name: title })).toBeInTheDocument();
  });
});

it("changes the activity, and shows the server's one again when that fails", async () => {
  const { worker, activities } = snapshot([]);
  const asked: string[] = [];
  show(<ActivityPicker worker={worker!} activities={activities} clockSkew={0} onChange={(sid) => (asked.push(sid), Promise.resolve())} />);
  const picker = screen.getByRole("button", { name: "Activity: Available 10:00" });
  expect(picker).toHaveTextContent("10:00");
  await userEvent.click(picker);
  await userEvent.click(screen.getByRole("menuitem", { name: "Offline" }));

  expect(asked).toEqual(["WA1"]);
  expect(screen.getByRole("button", { name: /Activity: Available/ })).toBeInTheDocument();
});

it("says what became of a missed offer, and goes back to the activity before it", async () => {
  const asked: string[] = [];
  const offer = held("1", { status: "pending", queue_name: "Support" });
  const model = { ...emptyModel, ...snapshot([]), apps: [], settings: defaultSettings, previousActivity: "WA2", reservations: {}, worker: { ...snapshot([]).worker!, activity_sid: "WA1" } } as Model;
  show(<MissedCard missed={{ offer, at: NOW }} model={model} onActivity={(sid) => (asked.push(sid), Promise.resolve())} onClose={() => asked.push("closed")} />);
  expect(screen.getByRole("article", { name: "Missed offer: Eva" })).toHaveTextContent("You are Offline now, so no offers come.");

  await userEvent.click(screen.getByRole("button", { name: "Go back to Available" }));

  expect(asked).toEqual(["WA2", "closed"]);
});

describe("the keys", () => {
  it("are changed by pressing them, and never twice the same", async () => {
    const saved: Keymap[] = [];
    show(<KeysDialog opened keymap={{}} onSave={(keymap) => saved.push(keymap)} onClose={() => undefined} />);
    await userEvent.click(screen.getByRole("button", { name: /^Change the keys for: Accept the offer/ }));
    await userEvent.keyboard("{Alt>}j{/Alt}");
    expect(screen.getByRole("alert")).toHaveTextContent("“Next task” has these keys. Give it others first.");

    await userEvent.keyboard("{Alt>}x{/Alt}");

    expect(saved).toEqual([{ accept: "Alt+KeyX" }]);
  });
});

describe("a message", () => {
  const row = (change: Partial<Message>) =>
    ({ kind: "message", message: message(0, change), newDay: false, follows: false, botBegins: false }) as const;

  it("shows markup as text and addresses as links", () => {
    show(<MessageRow row={row({ body: "<b>Hi</b> https://a.example" })} now={NOW} />);

    expect(screen.getByText(/<b>Hi<\/b>/)).toBeInTheDocument();
    expect(screen.getByRole("link")).toHaveAttribute("href", "https://a.example/");
  });

  it("says why it was not delivered", () => {
    const delivery = { status: "undelivered" as const, error_code: 30003, error_message: "Unreachable handset" };
    show(<MessageRow row={row({ source: "agent", delivery })} now={NOW} />);

    expect(screen.getByText("Not delivered: Unreachable handset (30003) The phone is switched off or out of reach. Try again later.")).toBeInTheDocument();
  });

  it("never links to anything but the web", () => {
    const media = [{ url: "javascript:alert(1)", content_type: "application/pdf", filename: "bad.pdf" }];
    show(<MessageRow row={row({ media })} now={NOW} />);

    expect(screen.queryByRole("link")).toBeNull();
  });

  it("can be tried again or discarded when it failed", async () => {
    const done: string[] = [];
    const entry = {
      clientRef: "r", body: "Hi", kind: "message" as const, media: [], template: null, order: 1, status: "failed" as const, error: "Too old.", createdAt: iso(NOW),
    };
    show(<OutgoingRow entry={entry} offline={false} onRetry={() => done.push("retry")} onDiscard={() => done.push("discard")} />);
    expect(screen.getByRole("alert")).toHaveTextContent("Not sent. Too old.");

    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await userEvent.click(screen.getByRole("button", { name: "Discard" }));

    expect(done).toEqual(["retry", "discard"]);
  });

  it("opens its pictures large, and pages and zooms by keys", async () => {
    const media = ["a", "b"].map((name) => ({ url: `/app/v1/media/${name}`, content_type: "image/png", filename: `${name}.png` }));
    show(<MediaViewer media={media} opened={media[0]!} onClose={() => undefined} />);
    expect(screen.getByRole("status")).toHaveTextContent("1 of 2");

    await userEvent.click(screen.getByRole("button", { name: "Larger" }));
    await userEvent.keyboard("{ArrowRight}");

    expect(screen.getByRole("img", { name: "b.png" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Smaller" })).toBeDisabled();
  });

  it("of colleagues says that the customer does not see it", () => {
    const note: Internal = {
      sid: "NT1", number: 0, after_index: 0, kind: "whisper", author_name: "Sue", author_sid: "US2", to_worker_sid: null, body: "Offer a voucher", media: [],
      client_ref: null, date_created: iso(NOW),
    };
    show(<InternalRow note={note} newDay={false} now={NOW} />);

    expect(screen.getByRole("note", { name: "Whisper" })).toHaveTextContent(/Sue.*whispers to the agents.*Offer a voucher/);
    expect(screen.getByText("The customer does not see this")).toBeInTheDocument();
  });
});
