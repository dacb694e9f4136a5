/** The console's small arithmetic. */
import { expect, it } from "vitest";

import type { Internal } from "../../api/console-types";
import { defaultAlerts, readAlerts } from "./alerting";
import { chordOf, COMMANDS, commandOf, conflictOf, keysOf, readKeymap } from "./commands";
import { insertAt, judge } from "./composing";
import { held, iso, message, NOW, range } from "./fixtures";
import { strippedFormats } from "./formatting";
import type { Act } from "../../core/acts";
import { rowOfMessage, rowsOf } from "./rows";
import { segmentsOf } from "./sms";
import { addInternal, addLatest, addMessage, addOlder, emptyTranscript, startOutgoing } from "./transcript";
import { fillIn, fillTemplate, findReplies, slashAt, unfilled } from "./variables";

// The same cases as tests/channels_app/adapters/test_segments.py holds for the server.
it.each([
  ["", "GSM-7", 0, 1], ["a".repeat(160), "GSM-7", 160, 1], ["a".repeat(161), "GSM-7", 161, 2], ["€".repeat(80), "GSM-7", 160, 1],
  ["€".repeat(81), "GSM-7", 162, 2], [`${"a".repeat(152)}€${"a".repeat(8)}`, "GSM-7", 162, 2], ["ж".repeat(70), "UCS-2", 70, 1],
  ["ж".repeat(71), "UCS-2", 71, 2], [`${"ж".repeat(66)}😀${"ж".repeat(3)}`, "UCS-2", 71, 2], ["`", "UCS-2", 1, 1],
] as const)("%j is %s, %d units, %d SMS", (text, encoding, units, count) => {
  expect(segmentsOf(text)).toMatchObject({ encoding, units, count });
});

it("names the formats that a channel strips, and not what only looks like one", () => {
  const all = ["bold", "italic", "lists", "links with a text"];

  expect(strippedFormats("**so** and _so_\n- one\n[here](https://a.example)", all)).toEqual(all);
  expect(strippedFormats("2 * 3 * 4, snake_case_name, 5 - 3, [sic] (note)", all)).toEqual([]);
  expect(strippedFormats("**so**", ["lists"])).toEqual([]);
});

it("fills variables in, and leaves what it does not know to be seen", () => {
  const task = held("1", { queue_name: "Sales", task: { attributes: { order: { id: 77 } } }, conversation: { customer_name: "Eva Green", channel_type: "sms" } });
  const values = { agentName: "Ana López", held: task, conversation: { vip: "yes" } };

  expect(fillIn("{{customer.first_name}} {{ agent.first_name }} {{queue}} {{ channel }} {{task.order.id}} {{conversation.vip}}", values)).toBe(
    "Eva Ana Sales SMS 77 yes",
  );
  const unknown = held("2", { conversation: { customer_name: "", customer_address: "+34600111222" } });
  expect(fillIn("Hi {{ customer.first_name | there }}, {{ task.order.id }}", { ...values, held: unknown })).toBe("Hi there, {{ task.order.id }}");
  expect(unfilled("{{ a }} and {{ b }} and {{ a }}")).toEqual(["{{ a }}", "{{ b }}"]);
  expect(fillTemplate("{{1}}: {{ 2 }}", { 1: "Eva" })).toBe("Eva: {{ 2 }}");
});

it.each([
  ["/he", 3, { from: 0, words: "he" }], ["Hi /he there", 6, { from: 3, words: "he" }], ["Hi\n/", 4, { from: 3, words: "" }],
  ["and/or", 6, null], ["https://a", 9, null], ["/one two", 8, { from: 0, words: "one two" }], ["/he", 0, null],
])("in %j at %d asks for %j", (text, caret, expected) => {
  expect(slashAt(text, caret)).toEqual(expected);
});

it("finds canned replies by shortcode, folder and text, in that order, on their channels", () => {
  const reply = (shortcode: string, body = "", folder = "", channels: string[] = []) => ({ shortcode, body, folder, channels });
  const all = [reply("bye", "Thanks for asking help"), reply("help-me"), reply("shelp"), reply("help"), reply("x", "", "Help"), reply("sms-help", "", "", ["sms"])];

  expect(findReplies(all, "help", "chat").map(({ shortcode }) => shortcode)).toEqual(["help", "help-me", "shelp", "x", "bye"]);
  expect(findReplies(all, "", "sms")).toHaveLength(6);
});

it("puts a text where the caret is, in place of what is selected", () => {
  expect(insertAt("Hello world", "dear ", 6, 6)).toEqual({ text: "Hello dear world", caret: 11 });
  expect(insertAt("Hello world", "you", 6, 11)).toEqual({ text: "Hello you", caret: 9 });
});

it("judges a note by nothing but its length", () => {
  expect(judge("**{{ x }}**", "sms", null, true)).toEqual({ refusal: null, hints: [] });
  expect(judge("{{ x }}", "chat", null, false).refusal).toBe("Fill in {{ x }} before you send");
});

it("keeps keys that a user chose, and says what stands in the way of others", () => {
  const keymap = readKeymap({ accept: "Alt+KeyX", reject: null, gone: "Alt+KeyQ", next: 4 });
  const key = { altKey: true, ctrlKey: false, metaKey: false, shiftKey: false, code: "KeyX", key: "x" };

  expect(keymap).toEqual({ accept: "Alt+KeyX", reject: null });
  expect([commandOf(key, true, keymap), commandOf({ ...key, code: "KeyA" }, true, keymap)]).toEqual(["accept", null]);
  expect(commandOf({ ...key, altKey: false, metaKey: true, code: "KeyK", key: "k" }, true)).toBe("palette");
  expect(conflictOf("reject", "Alt+KeyX", keymap)).toMatch(/Accept the offer/);
  expect(conflictOf("reject", "Alt+KeyA", keymap)).toBeNull();
  expect(conflictOf("reject", "KeyA", keymap)).toMatch(/Use Alt/);
  expect(conflictOf("reject", "Mod+KeyW", keymap)).toMatch(/browser/);
  expect([keysOf("Mod+Shift+KeyK"), keysOf("Alt+Slash"), keysOf("Mod+KeyK", true)]).toEqual([["Ctrl", "Shift", "K"], ["Alt", "/"], ["⌘", "K"]]);
});

it("gives every command a chord of its own", () => {
  const chords = COMMANDS.flatMap((command) => chordOf(command, {}) ?? []);

  expect(new Set(chords).size).toBe(chords.length);
});

it("reads alerts with care", () => {
  expect(readAlerts(null)).toEqual(defaultAlerts);
  expect(readAlerts({ volume: 900, repeat: "x", sound: { offer: false, message: 3 } })).toEqual({
    ...defaultAlerts, volume: 100, sound: { ...defaultAlerts.sound, offer: false },
  });
});

const note = (number: number, after_index: number): Internal => ({
  sid: `NT${number}`, number, after_index, kind: "note", author_name: "Sue", author_sid: "US2", to_worker_sid: null, body: "", media: [], client_ref: null,
  date_created: iso(NOW),
});

it("puts notes where they were written, and outgoing messages at the end", () => {
  const loaded = addLatest(emptyTranscript, range(0, 3));
  const rows = rowsOf(startOutgoing(addInternal(loaded, [note(0, -1), note(1, 1), note(2, 3)]), { clientRef: "r", body: "x", createdAt: iso(NOW) }));

  const told = rows.map((row) => (row.kind === "message" ? row.message.index : row.kind === "internal" ? `n${row.note.number}` : row.kind === "outgoing" ? row.entry.clientRef : row.acts.length));
  expect(told).toEqual(["n0", 0, 1, "n1", 2, 3, "n2", "r"]);
  expect(rowOfMessage(rows, 2)).toBe(4);
});

it("leaves notes of pages that are not loaded out until those are", () => {
  const page = addInternal(addLatest(emptyTranscript, range(60, 109)), [note(0, 5), note(1, 70)]);
  const notes = (transcript: typeof page) => rowsOf(transcript).flatMap((row) => (row.kind === "internal" ? row.note.number : []));

  expect(notes(page)).toEqual([1]);
  expect(notes(addOlder(page, range(0, 59), 500))).toEqual([0, 1]);
});

const happened = (minute: number): Act => ({ kind: "left", at: iso(NOW + minute * 60_000), who: "Ana", to: "", text: "", seconds: null, sid: null });

it("puts what happened where it happened, and none beside what is not loaded", () => {
  const loaded = addLatest(emptyTranscript, [5, 6, 7].map((index) => ({ ...message(index), date_created: iso(NOW + index * 60_000) })));
  const acts = [1, 5.5, 5.6, 9].map(happened);
  const told = (transcript: typeof loaded) =>
    rowsOf(transcript, acts).map((row) => (row.kind === "message" ? row.message.index : row.kind === "acts" ? row.acts.map(({ at }) => at) : ""));

  expect(told({ ...loaded, hasOlder: false })).toEqual([[iso(NOW + 60_000)], 5, [acts[1]!.at, acts[2]!.at], 6, 7, [acts[3]!.at]]);
  expect(told({ ...loaded, hasOlder: true })).toEqual([5, [acts[1]!.at, acts[2]!.at], 6, 7, [acts[3]!.at]]);
  expect(rowsOf(emptyTranscript, acts).map((row) => row.kind)).toEqual(["acts"]);
});

it("takes 10,000 messages in and one after the other on top", () => {
  let transcript = addLatest(emptyTranscript, range(9_500, 9_999));
  for (let first = 9_000; first >= 0; first -= 500) transcript = addOlder(transcript, range(first, first + 499), 500);
  for (let index = 10_000; index < 10_050; index += 1) {
    transcript = addMessage(transcript, message(index));
  }

  expect(transcript.messages).toHaveLength(10_050);
  expect(rowsOf(transcript).map((row) => (row.kind === "message" ? row.message.index : -1))).toEqual(Array.from({ length: 10_050 }, (_, index) => index));
});
