import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  acknowledge, addMessage, addNote, addOutgoing, emptyTimeline, entriesOf, failOutgoing, unreadCount, type Entry, type Message,
} from "./timeline";

const at = new Date("2026-01-05T10:00:00Z");

function message(index: number, change: Partial<Message> = {}): Message {
  return {
    kind: "message", index, own: false, authorName: "Bot", source: "flow", body: `m${index}`, media: [], quickReplies: [], sentAt: at, ref: null, ...change,
  };
}

const shown = (entry: Entry) =>
  entry.kind === "note" ? `(${entry.text})` : entry.kind === "outgoing" ? `${entry.body}?` : entry.body;

describe("timeline", () => {
  it("is the same for every order and repetition of the same messages", () => {
    const deliveries = fc
      .uniqueArray(fc.nat(12), { minLength: 1 })
      .chain((indexes) => fc.tuple(fc.constant(indexes), fc.shuffledSubarray([...indexes, ...indexes], { minLength: 0 })));

    fc.assert(
      fc.property(deliveries, ([indexes, extra]) => {
        const timeline = [...extra, ...indexes].reduce((so, index) => addMessage(so, message(index)), emptyTimeline);

        expect(timeline.messages.map((item) => item.index)).toEqual([...indexes].sort((a, b) => a - b));
      }),
    );
  });

  it("is complete up to the first missing index", () => {
    const holed = [0, 1, 3, 4].reduce((so, index) => addMessage(so, message(index)), emptyTimeline);

    expect(holed.completeThrough).toBe(1);
    expect(addMessage(holed, message(2)).completeThrough).toBe(4);
  });

  it("turns an outgoing message into a stored one, whichever of acknowledgement and echo comes first", () => {
    const sent = addOutgoing(emptyTimeline, { ref: "r", body: "Hi", sentAt: at });
    const echo = message(0, { own: true, body: "Hi", ref: "r", source: "customer" });

    const echoFirst = acknowledge(addMessage(sent, echo), "r", 0);
    const ackFirst = addMessage(acknowledge(sent, "r", 0), echo);

    expect(echoFirst.messages).toEqual([echo]);
    expect(ackFirst).toEqual(echoFirst);
    expect(echoFirst.outgoing).toEqual([]);
  });

  it("does not show a message again whose second attempt was needless", () => {
    const stored = addMessage(emptyTimeline, message(0, { ref: "r" }));

    expect(addOutgoing(stored, { ref: "r", body: "Hi", sentAt: at })).toBe(stored);
  });

  it("puts notes behind what was there, and unsent messages last", () => {
    let timeline = addMessage(emptyTimeline, message(0));
    timeline = addNote(timeline, "Ana joined");
    timeline = addOutgoing(timeline, { ref: "r", body: "Hi", sentAt: at });
    timeline = addMessage(timeline, message(1));

    expect(entriesOf(timeline).map(shown)).toEqual(["m0", "(Ana joined)", "m1", "Hi?"]);
  });

  it("says a repeated note once", () => {
    const once = addNote(emptyTimeline, "Ana joined");

    expect(addNote(once, "Ana joined")).toBe(once);
  });

  it("fails one message or all of them", () => {
    const two = ["a", "b"].reduce((so, ref) => addOutgoing(so, { ref, body: ref, sentAt: at }), emptyTimeline);

    expect(failOutgoing(two, "no", "a").outgoing.map((entry) => entry.status)).toEqual(["failed", "sending"]);
    expect(failOutgoing(two, "no").outgoing.map((entry) => entry.error)).toEqual(["no", "no"]);
  });

  it("counts what others wrote behind the last one read", () => {
    const timeline = [message(0), message(1, { own: true }), message(2)].reduce(addMessage, emptyTimeline);

    expect([unreadCount(timeline, -1), unreadCount(timeline, 0), unreadCount(timeline, 2)]).toEqual([2, 1, 0]);
  });
});
