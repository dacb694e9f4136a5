import { describe, expect, it } from "vitest";

import { emptyPhone, failSending, lastId, numberFrom, readableNumber, receive, startSending, type PhoneMessage } from "./phone";

const message = (id: string, direction: "in" | "out", body: string): PhoneMessage => ({
  id, direction, body, media: [], date_created: "2026-01-05T10:00:00Z",
});

describe("a phone", () => {
  it("takes every message once", () => {
    const once = receive(emptyPhone, [message("1", "out", "Hi"), message("2", "in", "Hello")]);

    expect(receive(once, [message("2", "in", "Hello")])).toBe(once);
    expect(lastId(once)).toBe("2");
  });

  it("recognises its own messages when they come back, oldest first", () => {
    const two = startSending(startSending(emptyPhone, "a", "Hi", "t1"), "b", "Hi", "t2");

    const phone = receive(two, [message("1", "out", "Hi")]);

    expect(phone.outgoing.map((entry) => entry.ref)).toEqual(["b"]);
  });

  it("does not take a message to it for its own", () => {
    const sent = startSending(emptyPhone, "a", "Hi", "t1");

    expect(receive(sent, [message("1", "in", "Hi")]).outgoing).toHaveLength(1);
  });

  it("tries a failed message again in its place", () => {
    const failed = failSending(startSending(startSending(emptyPhone, "a", "x", "t"), "b", "y", "t"), "a", "down");
    expect(failed.outgoing[0]).toMatchObject({ status: "failed", error: "down" });

    const again = startSending(failed, "a", "x", "t");

    expect(again.outgoing.map((entry) => [entry.ref, entry.status])).toEqual([["a", "sending"], ["b", "sending"]]);
  });
});

it("draws a number that reads well", () => {
  const number = numberFrom(() => 0.45);

  expect(number).toBe("+15555444444");
  expect(readableNumber(`whatsapp:${number}`)).toBe("+1 555 544 4444");
});
