import { expect, it } from "vitest";

import { defaultTexts } from "./texts";
import { addMessage, emptyTimeline } from "./timeline";
import { transcriptPage, transcriptText } from "./transcript";

const evil = `<img src=x onerror="alert(1)">&'`;
const timeline = addMessage(emptyTimeline, {
  kind: "message", index: 0, own: true, authorName: "", source: "customer", body: `${evil}\nsecond line`,
  media: [{ url: "https://x.example/1", content_type: "image/png", filename: evil }], quickReplies: [], sentAt: new Date(0), ref: null,
});

it("writes a page in which nothing of what people wrote is markup", () => {
  const page = new DOMParser().parseFromString(transcriptPage(timeline, defaultTexts, evil), "text/html");

  expect(page.querySelectorAll("img, script, a")).toHaveLength(0);
  expect(page.querySelector("h1")!.textContent).toBe(evil);
  expect(page.querySelector("[dir=auto]")!.textContent).toBe(`${evil}second line📎 ${evil}`);
});

it("writes a line a message", () => {
  expect(transcriptText(timeline, defaultTexts, "Shop")).toContain(`You: ${evil}\nsecond line`);
});
