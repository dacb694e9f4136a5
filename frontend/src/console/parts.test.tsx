/** The console's parts as an agent meets them: by role and name. */
import { MantineProvider } from "@mantine/core";
import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { ActivityPicker } from "./ActivityPicker";
import { Composer } from "./Composer";
import { held, iso, message, NOW, reservation, snapshot } from "./core/fixtures";
import { emptyModel, reduce } from "./core/model";
import { MessageRow, OutgoingRow } from "./MessageRow";
import { OfferCard } from "./OfferCard";
import { TaskList } from "./TaskList";

const show = (element: ReactElement) => render(<MantineProvider env="test">{element}</MantineProvider>);

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
    conversation: { customer_name: "Eva", channel_type: "whatsapp", last_message: { index: 0, author: "", body: "Help!", source: "customer", date_created: iso(NOW) } },
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
  const setUp = (channel = "chat") => {
    const sent: string[] = [];
    show(<Composer conversationSid="CH1" channel={channel} offline={false} onSend={(body) => sent.push(body)} onTyping={() => undefined} />);
    return { sent, field: screen.getByRole("textbox", { name: "Message" }) };
  };

  it("sends on Enter and starts a line on Shift and Enter", async () => {
    const { sent, field } = setUp();
    await userEvent.type(field, "one{Shift>}{Enter}{/Shift}two{Enter}");

    expect(sent).toEqual(["one\ntwo"]);
    expect(field).toHaveValue("");
  });

  it("keeps the draft until it is sent", async () => {
    const { field } = setUp();
    await userEvent.type(field, "half a th");
    expect(localStorage.getItem("flowdesk.console.draft.CH1")).toBe("half a th");

    await userEvent.type(field, "ought{Enter}");

    expect(localStorage.getItem("flowdesk.console.draft.CH1")).toBeNull();
  });

  it("does not send what is empty or too long", async () => {
    const { sent, field } = setUp();
    await userEvent.type(field, "  {Enter}");
    await userEvent.click(field);
    await userEvent.paste("x".repeat(1_602));
    await userEvent.keyboard("{Enter}");

    expect(sent).toEqual([]);
    expect(screen.getByText("2 characters too long")).toBeInTheDocument();
  });

  it("says how many SMS it will be", async () => {
    const { field } = setUp("sms");
    await userEvent.click(field);
    await userEvent.paste("x".repeat(200));

    expect(screen.getByText("200 characters · sent as 2 SMS")).toBeInTheDocument();
  });
});

describe("the task list", () => {
  const modelWith = (...given: Parameters<typeof snapshot>[0]) =>
    reduce(emptyModel, { type: "snapshot", state: snapshot(given), asked: 0, now: NOW });

  it("says what a screen reader has to know of a task", () => {
    const last = { index: 3, author: "eva", body: "Where is it?", source: "customer" as const, date_created: iso(NOW - 10_000) };
    const model = modelWith(
      reservation("1", { task: { age: 200 }, conversation: { last_message: { ...last, date_created: iso(NOW - 200_000) }, unread: 2 } }),
    );
    show(<TaskList model={model} selected={null} available onSelect={() => undefined} />);

    const row = screen.getByRole("button", { name: "Web chat Eva Waiting 3 min Where is it? 2 unread" });
    expect(row).toHaveClass("task--warn");
  });

  it.each([[true, "No tasks right now"], [false, "You are not taking tasks"]])("explains its emptiness (available: %s)", (available, title) => {
    show(<TaskList model={modelWith()} selected={null} available={available} onSelect={() => undefined} />);

    expect(screen.getByRole("heading", { name: title })).toBeInTheDocument();
  });
});

it("changes the activity, and shows the server's one again when that fails", async () => {
  const { worker, activities } = snapshot([]);
  const asked: string[] = [];
  show(<ActivityPicker worker={worker!} activities={activities} clockSkew={0} onChange={(sid) => (asked.push(sid), Promise.resolve())} />);
  const picker = screen.getByRole("combobox", { name: "Activity" });
  await userEvent.selectOptions(picker, "Offline");

  expect(asked).toEqual(["WA1"]);
  expect(picker).toHaveValue("WA2");
  expect(screen.getByText("for 10 min")).toBeInTheDocument();
});

describe("a message", () => {
  it("shows markup as text and addresses as links", () => {
    show(<MessageRow message={message(0, { body: "<b>Hi</b> https://a.example" })} before={undefined} now={NOW} />);

    expect(screen.getByText(/<b>Hi<\/b>/)).toBeInTheDocument();
    expect(screen.getByRole("link")).toHaveAttribute("href", "https://a.example/");
  });

  it("says why it was not delivered", () => {
    const delivery = { status: "undelivered" as const, error_code: 30003, error_message: "Unreachable handset" };
    show(<MessageRow message={message(0, { source: "agent", delivery })} before={undefined} now={NOW} />);

    expect(screen.getByText("Not delivered: Unreachable handset (30003)")).toBeInTheDocument();
  });

  it("never links to anything but the web", () => {
    const media = [{ url: "javascript:alert(1)", content_type: "application/pdf", filename: "bad.pdf" }];
    show(<MessageRow message={message(0, { media })} before={undefined} now={NOW} />);

    expect(screen.queryByRole("link")).toBeNull();
  });

  it("can be tried again or discarded when it failed", async () => {
    const done: string[] = [];
    const entry = { clientRef: "r", body: "Hi", status: "failed" as const, error: "Too old.", createdAt: iso(NOW) };
    show(<OutgoingRow entry={entry} offline={false} onRetry={() => done.push("retry")} onDiscard={() => done.push("discard")} />);
    expect(screen.getByRole("alert")).toHaveTextContent("Not sent. Too old.");

    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await userEvent.click(screen.getByRole("button", { name: "Discard" }));

    expect(done).toEqual(["retry", "discard"]);
  });
});
