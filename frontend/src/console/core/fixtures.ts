/** Values for the tests, in the shapes of docs/contracts.md §6. */
import type { ConsoleState, Message, Reservation } from "../../api/types";
import type { Held } from "./model";

export const NOW = Date.parse("2026-01-05T10:00:00Z");

export const iso = (ms: number) => new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");

export function message(index: number, change: Partial<Message> = {}): Message {
  return {
    sid: `IM${index}`, index, author: "eva", author_name: "Eva", source: "customer", body: `m${index}`, media: [],
    client_ref: null, delivery: null, date_created: iso(NOW - 100_000 + index * 1_000), ...change,
  };
}

export const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => message(from + at));

type Change = Partial<Omit<Reservation, "conversation" | "task">> & {
  conversation?: Partial<NonNullable<Reservation["conversation"]>> | null;
  task?: Partial<Reservation["task"]>;
};

export function reservation(sid: string, change: Change = {}): Reservation {
  const { conversation, task, ...rest } = change;
  return {
    sid, status: "accepted", expires_at: null, date_created: iso(NOW - 60_000), date_updated: iso(NOW - 30_000), queue_name: "Everyone",
    task: { sid: `WT${sid}`, status: "assigned", priority: 0, age: 90, attributes: {}, channel: "chat", ...task },
    conversation:
      conversation === null
        ? null
        : {
            sid: `CH${sid}`, state: "active", channel_type: "chat", customer_name: "Eva", customer_address: "visitor", last_message: null,
            unread: 0, ...conversation,
          },
    ...rest,
  };
}

export function held(sid: string, change: Change = {}): Held {
  const given = reservation(sid, change);
  return { ...given, sequence: 0, taskBornAt: NOW - given.task.age * 1_000 };
}

export function snapshot(reservations: Reservation[], change: Partial<ConsoleState> = {}): ConsoleState {
  return {
    worker: { sid: "WK1", name: "Ana", activity_sid: "WA2", activity_since: iso(NOW - 600_000) },
    activities: [{ sid: "WA1", name: "Offline", available: false }, { sid: "WA2", name: "Available", available: true }],
    reservations,
    now: iso(NOW),
    ...change,
  };
}
