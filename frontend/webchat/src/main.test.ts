import { expect, it, vi } from "vitest";

import { bareDeployment } from "./deployment";

it("asks for the opening hours again whenever it is opened", async () => {
  const asked = vi.fn();
  let answer = { ...bareDeployment, open: false, opens_at: "2026-03-02T09:00:00Z" };
  vi.stubGlobal("matchMedia", () => ({ matches: false, addEventListener: vi.fn(), removeEventListener: vi.fn() }));
  vi.stubGlobal("fetch", (url: string) => {
    asked(url);
    return Promise.resolve(new Response(JSON.stringify(answer)));
  });
  // Made by hand: nothing is to be loaded.
  const tag = document.createElement("script");
  Object.defineProperty(tag, "src", { value: "https://chat.example/webchat.js" });
  tag.dataset["deploymentKey"] = "K";
  document.body.replaceChildren(tag);
  // It begins when it is loaded.
  vi.resetModules();
  await import("./main");
  await vi.waitFor(() => expect(document.querySelector(".flowdesk-webchat")).not.toBeNull());
  const shut = () => document.querySelector(".flowdesk-webchat")!.shadowRoot!.querySelector<HTMLElement>(".shut")!.hidden;
  const panel = () => document.querySelector(".flowdesk-webchat")!.shadowRoot!.querySelector<HTMLElement>("#panel")!.hidden;
  window.FlowdeskWebChat!.open();
  await vi.waitFor(() => expect([shut(), panel()]).toEqual([false, false]));

  window.FlowdeskWebChat!.close();
  answer = { ...answer, open: true };
  window.FlowdeskWebChat!.open();

  await vi.waitFor(() => expect([shut(), panel()]).toEqual([true, false]));
  expect(document.querySelectorAll(".flowdesk-webchat")).toHaveLength(1);
  expect(asked.mock.lastCall?.[0]).toMatch(/^https:\/\/chat\.example\/webchat\/v1\/deployments\/K\?/);
  window.FlowdeskWebChat!.destroy();
});
