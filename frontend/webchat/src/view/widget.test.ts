import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Chat } from "../chat";
import { bareDeployment, type Deployment } from "../deployment";
import { FakeServer, MemoryStore } from "../fakes";
import { readOptions } from "../options";
import { Widget } from "./widget";

let server: FakeServer;
let store: MemoryStore;

function mount(dataset: Record<string, string> = {}, settings: Partial<Deployment> = {}) {
  const options = readOptions({ deploymentKey: "K", ...dataset }, "https://chat.example/webchat.js", { ...bareDeployment, ...settings });
  const chat = new Chat({ ...options, store, fetch: server.fetch, WebSocket: server.WebSocket });
  const widget = new Widget(chat, options, store);
  document.body.append(widget.host);
  chat.resume();
  const root = widget.host.shadowRoot!;
  const named = (name: string) =>
    [...root.querySelectorAll<HTMLElement>("button, textarea, input")].find(
      (element) => (element.getAttribute("aria-label") ?? element.textContent ?? "").startsWith(name) && !element.closest("[hidden]"),
    );
  return {
    chat, widget, root, named,
    text: () => root.querySelector("[role=log]")!.textContent ?? "",
    panel: root.querySelector<HTMLElement>("[role=dialog]")!,
    field: root.querySelector<HTMLTextAreaElement>(".composer textarea")!,
  };
}

function type(field: HTMLTextAreaElement | HTMLInputElement, value: string): void {
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const press = (element: HTMLElement, key: string, more: KeyboardEventInit = {}) =>
  element.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, composed: true, ...more }));

const settle = (ms = 20) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  document.body.replaceChildren();
  server = new FakeServer();
  store = new MemoryStore();
});
afterEach(() => vi.useRealTimers());

describe("the widget", () => {
  it("opens by its button, takes the focus, and gives it back on Escape", () => {
    const { named, panel, field, root } = mount();
    expect(panel.hidden).toBe(true);

    named("Open chat")!.click();
    expect(panel.hidden).toBe(false);
    expect(root.activeElement).toBe(field);
    press(field, "Escape");

    expect(panel.hidden).toBe(true);
    expect(root.activeElement).toBe(named("Open chat"));
  });

  it("sends on Enter, not on Shift+Enter, not while a word is composed", async () => {
    const { field, named, text } = mount({ open: "" });
    named("Open chat")!.click();
    type(field, "Hello");
    press(field, "Enter", { shiftKey: true });
    press(field, "Enter", { isComposing: true });
    expect(field.value).toBe("Hello");

    press(field, "Enter");
    await settle();

    expect(field.value).toBe("");
    expect(server.messages.map((message) => message.body)).toEqual(["Hello"]);
    expect(text()).toContain("Hello");
  });

  it("shows what others write as text, never as markup", async () => {
    const { chat, root } = mount();
    chat.send("x");
    await settle();
    server.say('<img src=x onerror="alert(1)"> https://a.example');

    const bubble = [...root.querySelectorAll(".bubble")].at(-1)!;
    expect(bubble.textContent).toBe('<img src=x onerror="alert(1)"> https://a.example');
    expect(bubble.querySelector("img")).toBeNull();
    expect(bubble.querySelector("a")!.getAttribute("rel")).toContain("noopener");
  });

  it("shows pictures and files by safe addresses only", async () => {
    const { chat, root } = mount();
    chat.send("x");
    await settle();
    server.broadcast({
      type: "message", index: 1, source: "agent", author_name: "Ana", body: "",
      media: [
        { url: "/media/1.png", content_type: "image/png", filename: "cat.png" },
        { url: "https://cdn.example/a.pdf", content_type: "application/pdf", filename: "a.pdf" },
        { url: "javascript:alert(1)", content_type: "application/pdf", filename: "bad.pdf" },
      ],
    });

    expect(root.querySelector("img")!.getAttribute("src")).toBe("https://chat.example/media/1.png");
    expect([...root.querySelectorAll("a")].map((link) => link.href)).toEqual([
      "https://chat.example/media/1.png", "https://cdn.example/a.pdf",
    ]);
  });

  it("counts what came while it was closed", async () => {
    const { chat, named } = mount();
    chat.send("x");
    await settle();
    server.say("one");
    server.say("two");
    const launcher = named("Open chat, 2 unread")!;
    expect(launcher).toBeDefined();

    launcher.click();
    named("Close chat")!.click();

    expect(named("Open chat, 2 unread")).toBeUndefined();
    expect(store.saved?.readIndex).toBe(2);
  });

  it("asks its questions first, and makes the question the first message", async () => {
    const { root, named, field } = mount({ form: "name*, question" });
    named("Open chat")!.click();
    const name = root.querySelector<HTMLInputElement>("input[name=name]")!;
    expect(root.activeElement).toBe(name);
    named("Start chat")!.click();
    expect(name.getAttribute("aria-invalid")).toBe("true");

    type(name, "Eva");
    type(root.querySelector<HTMLTextAreaElement>("textarea[name=question]")!, "Where is my order?");
    named("Start chat")!.click();
    await settle();

    expect(server.requests[0]?.body).toMatchObject({ pre_engagement_data: { name: "Eva", question: "Where is my order?" } });
    expect(server.messages.map((message) => message.body)).toEqual(["Where is my order?"]);
    expect(root.activeElement).toBe(field);
  });

  it("offers a new chat when this one has ended", async () => {
    const { chat, named, panel, text } = mount();
    named("Open chat")!.click();
    chat.send("x");
    await settle();
    server.broadcast({ type: "closed" });
    expect(panel.textContent).toContain("This chat has ended.");
    expect(named("Message")).toBeUndefined();

    named("Start a new chat")!.click();

    expect(text()).not.toContain("x");
    expect(named("Message")).toBeDefined();
  });

  it("asks how the ended chat was, where the server does, and tells the rating", async () => {
    vi.useFakeTimers();
    const { chat, named, panel } = mount();
    const asked = { question: "How did we do?", thanks: "Thanks!", ratings: [1, 2, 3, 4, 5] };
    const read = vi.spyOn(chat, "readSurvey").mockResolvedValueOnce(null).mockResolvedValue(asked);
    const rate = vi.spyOn(chat, "rate").mockResolvedValue(true);
    named("Open chat")!.click();
    chat.send("x");
    await vi.advanceTimersByTimeAsync(50);
    server.broadcast({ type: "closed" });
    await vi.advanceTimersByTimeAsync(900);
    expect(panel.textContent).not.toContain("How did we do?");
    await vi.advanceTimersByTimeAsync(2_600);

    expect(read).toHaveBeenCalledTimes(2);
    expect(panel.textContent).toContain("How did we do?");
    named("4 of 5")!.click();
    await vi.advanceTimersByTimeAsync(1);

    expect(rate).toHaveBeenCalledWith(4);
    expect(named("4 of 5")!.getAttribute("aria-pressed")).toBe("true");
    expect(panel.textContent).toContain("Thanks!");
    vi.useRealTimers();
  });

  it("keeps a row's element when its message is confirmed", async () => {
    const { chat, root, text } = mount();
    chat.send("first");
    await settle();
    server.say("second");
    const row = root.querySelector(".row.other");
    chat.send("third");
    await settle();

    expect(root.querySelector(".row.other")).toBe(row);
    expect(text().match(/first|second|third/g)).toEqual(["first", "second", "third"]);
  });

  it("says when there is no connection", async () => {
    const { chat, root } = mount();
    chat.send("x");
    await settle();
    server.reachable = false;
    server.drop();
    const banner = root.querySelector<HTMLElement>(".banner")!;

    expect([banner.hidden, banner.textContent]).toEqual([false, "No connection. Your messages are sent as soon as it is back."]);
  });

  it("refuses a text that is too long, and says by how much", () => {
    const { field, named, root } = mount();
    named("Open chat")!.click();
    type(field, "x".repeat(4100));
    press(field, "Enter");

    expect(root.querySelector(".limit")!.textContent).toBe("Too long by 4 characters.");
    expect(field.value).toHaveLength(4100);
    expect((named("Send") as HTMLButtonElement).disabled).toBe(true);
  });

  it("takes its colour, side and direction from the page", () => {
    const { widget } = mount({ accent: "#ffd600", position: "left", dir: "rtl" });

    expect(widget.host.style.getPropertyValue("--on-accent")).toBe("#000000");
    expect([widget.host.dataset["position"], widget.host.dir]).toEqual(["left", "rtl"]);
  });
});

describe("while somebody is looked for", () => {
  const waiting = (change: Record<string, unknown> = {}) =>
    server.broadcast({ type: "queue", waiting: true, ahead: 2, expected: 240, since: new Date().toISOString(), ...change });

  it("says where the customer stands, until somebody comes", async () => {
    const { chat, root } = mount();
    chat.send("x");
    await settle();
    const wait = root.querySelector<HTMLElement>(".wait")!;
    waiting();
    expect([wait.hidden, wait.querySelector("[role=status]")!.textContent]).toEqual([false, "2 before you. It takes about 4 min."]);

    waiting({ ahead: 0 });
    expect(wait.textContent).toContain("You are next.");
    server.broadcast({ type: "queue", waiting: false });

    expect(wait.hidden).toBe(true);
  });

  it("lets the customer leave a message once it takes too long", async () => {
    const { chat, root, named, panel } = mount({}, { leave_message_after: 60 });
    named("Open chat")!.click();
    chat.send("x");
    await settle();
    waiting();
    expect(named("Leave a message")).toBeUndefined();
    await settle(60_100);
    expect(root.querySelector(".wait")!.textContent).toContain("Sorry, everybody is busy at the moment. 2 before you.");

    named("Leave a message")!.click();
    type(root.querySelector<HTMLInputElement>("[name=contact]")!, "eva@example.org");
    type(root.querySelector<HTMLTextAreaElement>("[name=left_message]")!, "Call me");
    root.querySelector<HTMLFormElement>("form.form:not([hidden])")!.requestSubmit();
    await settle();

    const sent = server.sockets.flatMap((socket) => socket.sent).find((event) => event.type === "leave_message");
    expect(sent).toMatchObject({ body: "Call me", contact: "eva@example.org" });
    expect(panel.textContent).toContain("Thank you! We have your message");
    expect(root.querySelector<HTMLElement>(".wait")!.hidden).toBe(true);

    // Who waits no longer does not wait after a reload either.
    const again = mount({ open: "" });
    await settle();
    waiting();
    expect(again.chat.state.left).toBe(true);
    expect(again.root.querySelector<HTMLElement>(".wait")!.hidden).toBe(true);
    again.chat.restart();
    expect(again.chat.state.left).toBe(false);
  });
});

it("takes a pasted picture along, and shows how far it is", async () => {
  const requests: Upload[] = [];
  class Upload {
    upload = { onprogress: (_: { lengthComputable: boolean; loaded: number; total: number }) => undefined as void };
    onload = () => undefined as void;
    status = 0;
    responseText = "";
    open = vi.fn();
    setRequestHeader = vi.fn();
    abort = vi.fn();
    send = vi.fn(() => void requests.push(this));
  }
  vi.stubGlobal("XMLHttpRequest", Upload);
  const { root, named, field } = mount({ open: "" }, { files: { types: ["image/*"], max_bytes: 1000 } });
  named("Open chat")!.click();
  const pasted = (...files: File[]) => {
    const event = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { files } });
    field.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(pasted()).toBe(false);
  expect(pasted(new File(["x"], "run.sh", { type: "text/x-sh" }))).toBe(true);
  expect(root.textContent).toContain("run.sh: files of this type cannot be sent here.");
  expect(pasted(new File(["picture"], "tent.png", { type: "image/png" }))).toBe(true);
  await settle();
  const bar = root.querySelector<HTMLProgressElement>("progress")!;
  expect([bar.getAttribute("aria-label"), bar.value]).toEqual(["Uploading tent.png", 0]);

  requests[0]!.upload.onprogress({ lengthComputable: true, loaded: 3, total: 4 });
  expect(bar.value).toBe(0.75);
  // What is still on its way is not sent without it.
  press(field, "Enter");
  await settle();
  expect(server.sockets[0]!.sent.filter((event) => event.type === "message")).toEqual([]);
  const media = { sid: "ME1", url: "/x", content_type: "image/png", filename: "tent.png", size: 7, state: "stored" };
  Object.assign(requests[0]!, { status: 201, responseText: JSON.stringify(media) });
  requests[0]!.onload();
  await settle();
  expect(root.querySelector("progress")).toBeNull();
  press(field, "Enter");
  await settle();

  expect(requests[0]!.open).toHaveBeenCalledWith("POST", "https://chat.example/webchat/v1/files?filename=tent.png");
  expect(server.sockets[0]!.sent.at(-1)).toMatchObject({ type: "message", media: ["ME1"] });
});

it("offers a message's answers as buttons, and takes one for an answer", async () => {
  const { chat, root, named } = mount({ open: "" });
  named("Open chat")!.click();
  chat.send("x");
  await settle();
  server.broadcast({
    type: "message", index: 1, source: "flow", body: "More?", author_name: "",
    quick_replies: [{ title: "Yes", payload: "yes" }, { title: "<b>No</b>", payload: "no" }],
  });
  const offers = root.querySelector<HTMLElement>(".offers")!;
  expect([...offers.querySelectorAll("button")].map((button) => button.textContent)).toEqual(["Yes", "<b>No</b>"]);

  named("Yes")!.click();
  await settle();

  expect(server.sockets[0]!.sent.at(-1)).toMatchObject({ type: "message", body: "Yes", payload: "yes" });
  expect(offers.hidden).toBe(true);
});

describe("outside opening hours", () => {
  const shut = { open: false, opens_at: "2026-03-02T09:00:00Z" };

  it("takes a message and how to answer it", async () => {
    const { root, named, panel } = mount({}, { ...shut, offline: { mode: "message", text: "Closed." } });
    named("Open chat")!.click();
    expect(root.querySelector(".shut")!.textContent).toMatch(/^Closed\. We are back Monday/);
    expect(named("Message")).toBeUndefined();

    named("Send")!.click();
    expect(server.requests).toEqual([]);
    type(root.querySelector<HTMLInputElement>("[name=contact]")!, "+49 30 1234");
    type(root.querySelector<HTMLTextAreaElement>("[name=left_message]")!, "Hi");
    root.querySelector<HTMLFormElement>("form.form:not([hidden])")!.requestSubmit();
    await settle();

    expect(server.sockets[0]!.sent[0]).toMatchObject({ type: "leave_message", body: "Hi", contact: "+49 30 1234" });
    expect(panel.textContent).toContain("Thank you!");
  });

  it("takes nothing where the admin wants that", () => {
    const { named, root } = mount({}, { ...shut, offline: { mode: "closed", text: "" } });
    named("Open chat")!.click();

    expect(named("Message")).toBeUndefined();
    expect(root.activeElement).toBe(named("Minimize chat"));
  });
});

it("shows the form again where the server refuses an answer", async () => {
  const form = [{ name: "code", label: "Code", type: "text", required: true, options: [] }] as const;
  const { root, named } = mount({}, { form });
  named("Open chat")!.click();
  type(root.querySelector<HTMLInputElement>("[name=code]")!, "7");
  named("Start chat")!.click();
  type(root.querySelector<HTMLTextAreaElement>(".composer textarea")!, "Hello");
  server.refusal = { message: "Code must be one of ours", details: { field: "code" } };
  root.querySelector<HTMLFormElement>(".composer")!.requestSubmit();
  await settle();
  expect(root.querySelector(".field-error")!.textContent).toBe("Code must be one of ours");

  server.refusal = null;
  type(root.querySelector<HTMLInputElement>("[name=code]")!, "8");
  named("Start chat")!.click();
  await settle();

  expect(server.messages.map((message) => message.body)).toEqual(["Hello"]);
});

it("marks what an agent has read", async () => {
  const { chat, root } = mount();
  chat.send("x");
  await settle();
  expect(root.querySelector(".seen")!.textContent).toBe("Sent");

  server.broadcast({ type: "read", index: 0 });

  expect(root.querySelector(".seen")!.textContent).toBe("Read");
});

it("refuses a file before it is sent, and says why", () => {
  const { root, named, panel } = mount({}, { files: { types: ["image/*"], max_bytes: 10 } });
  named("Open chat")!.click();
  const drop = new Event("drop", { cancelable: true }) as DragEvent;
  Object.assign(drop, { dataTransfer: { types: ["Files"], files: [new File(["x"], "a.exe", { type: "application/x" })] } });
  panel.dispatchEvent(drop);

  expect(root.querySelector(".limit")!.textContent).toBe("a.exe: files of this type cannot be sent here.");
  expect(drop.defaultPrevented).toBe(true);
});
