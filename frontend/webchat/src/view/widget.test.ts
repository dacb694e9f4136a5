import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Chat } from "../chat";
import { FakeServer, MemoryStore } from "../fakes";
import { readOptions } from "../options";
import { Widget } from "./widget";

let server: FakeServer;
let store: MemoryStore;

function mount(dataset: Record<string, string> = {}) {
  const options = readOptions({ deploymentKey: "K", ...dataset }, "https://chat.example/webchat.js");
  const chat = new Chat({ ...options, store, fetch: server.fetch, WebSocket: server.WebSocket });
  const widget = new Widget(chat, options);
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
