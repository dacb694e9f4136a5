import { renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { CATALOGUE, story } from "../testing/catalogue";
import { serve } from "../testing/render";
import { setProperty } from "./core/edits";
import { arrange } from "./core/layout";
import { useLiveCheck } from "./saving";
import { createBuilderStore } from "./store";

const PROBLEM = { code: 1, severity: "error", message: "The text is empty.", property_path: "#/states/1/properties/body", widget: "ask" };

function open() {
  const flow = {
    sid: "FW1", friendly_name: "Welcome", status: "draft" as const, revision: 4, published_revision: null, definition: arrange(story(), CATALOGUE),
    valid: true, errors: [], warnings: [], date_created: "2026-01-01T00:00:00Z", date_updated: "2026-01-01T00:00:00Z",
  };
  return createBuilderStore({ flow, catalogue: CATALOGUE });
}

/** A server that gives these answers one after the other, then the last one for ever. */
function answering(...answers: { status?: number; body?: unknown }[]) {
  let number = 0;
  return serve(() => answers[Math.min(number++, answers.length - 1)]);
}

const down = { status: 503, body: { code: 20503, message: "Later.", status: 503 } };
const refused = { status: 400, body: { code: 20001, message: "Not a definition.", status: 400 } };
const found = { body: { errors: [PROBLEM], warnings: [] } };
const later = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

describe("the live check", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is made again until the server has answered, and keeps what was known meanwhile", async () => {
    const calls = answering(found, down, down, { body: { errors: [], warnings: [] } });
    const store = open();
    renderHook(() => useLiveCheck(store));
    await later(0.1);
    expect(store.getState().problems).toMatchObject([PROBLEM]);

    store.getState().edit((definition) => setProperty(definition, "ask", "body", "Mended"), { label: "Change ask" });
    await later(1);
    expect([calls.length, store.getState().problems, store.getState().checking]).toMatchObject([2, [PROBLEM], false]);

    await later(11);
    expect([calls.length, store.getState().problems]).toMatchObject([3, [PROBLEM]]);
    await later(11);
    expect([calls.length, store.getState().problems]).toEqual([4, []]);
    await later(60);
    expect(calls.length).toBe(4);
  });

  it("is not made again where the server has refused it: it would refuse it again", async () => {
    const calls = answering(refused);
    renderHook(() => useLiveCheck(open()));
    await later(60);
    expect(calls.length).toBe(1);
  });

  it("ends with the page", async () => {
    const calls = answering(down);
    const { unmount } = renderHook(() => useLiveCheck(open()));
    await later(0.1);
    unmount();
    await later(60);
    expect(calls.length).toBe(1);
  });
});
