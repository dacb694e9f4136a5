import { expect, it, vi } from "vitest";

import { refusalOf, sizeText, upload } from "./files";
import { defaultTexts } from "./texts";

const rules = { types: ["image/*", "application/pdf"], max_bytes: 2 * 1024 * 1024 };

it.each([
  [{ name: "cat.png", type: "image/png", size: 5 }, null],
  [{ name: "a.pdf", type: "application/pdf", size: 5 }, null],
  // A type that the browser does not know is the server's to judge.
  [{ name: "a.heic", type: "", size: 5 }, null],
  [{ name: "a.exe", type: "application/x-msdownload", size: 5 }, "a.exe: files of this type cannot be sent here."],
  [{ name: "big.png", type: "image/png", size: 3e6 }, "big.png is too large. A file may have 2 MB."],
  [{ name: "no.png", type: "image/png", size: 0 }, "no.png is empty."],
])("judges %o before it is sent", (file, expected) => {
  expect(refusalOf(file, rules, defaultTexts)).toBe(expected);
});

it.each([[12, "12 B"], [2048, "2 kB"], [1536 * 1024, "1.5 MB"], [5 * 1024 * 1024, "5 MB"]])("writes %i as %s", (bytes, text) => {
  expect(sizeText(bytes)).toBe(text);
});

it.each([
  [400, { message: "Files of this type are not taken here", details: { reason: "type" } }, "cat.png: Diese Art Datei geht hier nicht."],
  [413, { message: "A file has at most 2 MB", details: { reason: "size", most: 2 * 1024 * 1024 } }, "cat.png: höchstens 2 MB"],
  [429, { code: 20429, message: "Too many files at once. Wait a moment." }, "cat.png: Langsam, bitte."],
  [409, { message: "The chat is over" }, "cat.png: The chat is over"],
  [400, null, "cat.png could not be sent. Try again."],
  [502, { message: "<html>" }, "cat.png could not be sent. Try again."],
])("says what the server found, %i %o, in the page's own words", async (status, answer, expected) => {
  class Upload {
    upload = {};
    status = status;
    responseText = answer === null ? "<html>" : JSON.stringify(answer);
    onload = () => undefined as void;
    open = () => undefined;
    setRequestHeader = () => undefined;
    send = () => void queueMicrotask(() => this.onload());
  }
  vi.stubGlobal("XMLHttpRequest", Upload);
  const texts = { ...defaultTexts, fileType: "{name}: Diese Art Datei geht hier nicht.", fileSize: "{name}: höchstens {size}", tooFast: "Langsam, bitte." };

  const sending = upload("https://chat.example", "T", new File(["x"], "cat.png", { type: "image/png" }), texts, () => undefined);

  await expect(sending.done).rejects.toThrow(expected);
  vi.unstubAllGlobals();
});
