import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { message, range } from "./fixtures";
import {
  addLatest, addMessage, addNewer, addOlder, emptyTranscript, gapAfter, PAGE_SIZE, setDelivery, setMedia, setOutgoing, startOutgoing, type Transcript,
} from "./transcript";

const indexes = (transcript: Transcript) => transcript.messages.map((item) => item.index);

describe("a transcript", () => {
  it("ends up the same whatever the order and number of socket events around the page", () => {
    const events = fc.array(fc.integer({ min: 3, max: 9 }), { maxLength: 20 });
    fc.assert(
      fc.property(events, fc.nat(20), (order, at) => {
        let transcript = emptyTranscript;
        order.forEach((index, position) => {
          if (position === at) transcript = addLatest(transcript, range(0, 5));
          transcript = addMessage(transcript, message(index));
        });
        if (order.length <= at) transcript = addLatest(transcript, range(0, 5));
        for (let gap = gapAfter(transcript); gap !== null; gap = gapAfter(transcript)) {
          transcript = addNewer(transcript, gap, range(gap + 1, Math.max(5, ...order)));
        }

        const last = Math.max(5, ...order);
        expect(indexes(transcript)).toEqual(range(0, last).map((item) => item.index));
        expect(transcript.completeThrough).toBe(last);
      }),
    );
  });

  it("knows where something is missing", () => {
    const loaded = addLatest(emptyTranscript, range(0, 4));
    const holed = addMessage(loaded, message(7));

    expect([gapAfter(loaded), gapAfter(holed)]).toEqual([null, 4]);
    expect(gapAfter(addNewer(holed, 4, range(5, 7)))).toBeNull();
  });

  it("takes an index that no longer exists for read once a page passed over it", () => {
    const holed = addMessage(addLatest(emptyTranscript, range(0, 4)), message(7));

    expect(gapAfter(addNewer(holed, 4, [message(7)]))).toBeNull();
  });

  it("leaves a gap when a newer page does not join", () => {
    const loaded = addLatest(emptyTranscript, range(0, 4));

    expect(gapAfter(addLatest(loaded, range(60, 109)))).toBe(4);
    expect(gapAfter(addLatest(loaded, range(5, 20)))).toBeNull();
  });

  it("counts what is put in front, once", () => {
    const loaded = addLatest(emptyTranscript, range(60, 60 + PAGE_SIZE - 1));
    expect(loaded.hasOlder).toBe(true);

    const older = addOlder(addOlder(loaded, range(10, 59)), range(10, 59));

    expect([older.prepended, older.hasOlder, indexes(older)[0]]).toEqual([50, true, 10]);
    expect(addOlder(older, range(0, 9)).hasOlder).toBe(false);
  });

  it("does not open a gap below for a very old message from the socket", () => {
    const loaded = addLatest(emptyTranscript, range(60, 109));

    expect(addMessage(loaded, message(3))).toBe(loaded);
  });

  it("replaces an outgoing message by the stored one with its reference", () => {
    const sending = startOutgoing(addLatest(emptyTranscript, range(0, 1)), { clientRef: "r", body: "Hi", createdAt: "t" });
    const stored = message(2, { source: "agent", client_ref: "r" });

    const twice = addMessage(addMessage(sending, stored), stored);

    expect([twice.outgoing, indexes(twice)]).toEqual([[], [0, 1, 2]]);
  });

  it("tries a failed message again in its place", () => {
    const entry = { clientRef: "r", body: "Hi", createdAt: "t" };
    const failed = setOutgoing(startOutgoing(emptyTranscript, entry), "r", "failed", "No");

    expect(startOutgoing(failed, entry).outgoing).toEqual([
      { ...entry, kind: "message", media: [], template: null, order: 0, status: "waiting", error: null },
    ]);
  });

  it("never takes a delivery back", () => {
    const status = (value: "sent" | "delivered" | "read" | "failed") => ({ status: value, error_code: null, error_message: null });
    const loaded = addLatest(emptyTranscript, [message(0, { delivery: status("delivered") })]);

    expect(setDelivery(loaded, 0, status("sent")).messages[0]?.delivery?.status).toBe("delivered");
    expect(setDelivery(loaded, 0, status("failed")).messages[0]?.delivery?.status).toBe("failed");
    expect(addLatest(setDelivery(loaded, 0, status("read")), loaded.messages).messages[0]?.delivery?.status).toBe("read");
  });

  it("shows a file once it has come", () => {
    const waiting = { url: "/app/v1/media/ME1", content_type: "image/png", filename: "", state: "pending" as const };
    const loaded = addLatest(emptyTranscript, [message(0, { media: [waiting] })]);

    expect(setMedia(loaded, 0, [{ ...waiting, state: "stored" }]).messages[0]?.media[0]?.state).toBe("stored");
    expect(setMedia(loaded, 7, [])).toBe(loaded);
  });
});
