import { describe, expect, it } from "vitest";

import { BadOption, inkOn, readColour, readForm, readOptions } from "./options";
import { defaultTexts } from "./texts";

const SCRIPT = "https://chat.example/webchat.js";

describe("readOptions", () => {
  it("needs nothing but the key", () => {
    const options = readOptions({ deploymentKey: "K" }, SCRIPT);

    expect(options).toMatchObject({
      deploymentKey: "K", server: "https://chat.example", title: "Chat with us", accent: null, position: "right",
      open: false, theme: "auto", direction: null, form: [], container: null,
    });
  });

  it("takes what the page sets", () => {
    const options = readOptions(
      {
        deploymentKey: "K", server: "https://other.example/", title: "Hi", accent: "#0A7", position: "bottom-left",
        open: "", theme: "dark", dir: "rtl", container: "#shop", texts: '{"send":"Senden","fields":{"name":"Ihr Name"}}', form: "name*",
      },
      SCRIPT,
    );

    expect(options).toMatchObject({
      server: "https://other.example", title: "Hi", accent: "#00aa77", position: "left", open: true, theme: "dark",
      direction: "rtl", container: "#shop",
      form: [{ name: "name", label: "Ihr Name", kind: "text", required: true }],
    });
    expect(options.texts).toMatchObject({ send: "Senden", close: "Close chat" });
  });

  it("does not open for data-open=false", () => {
    expect(readOptions({ deploymentKey: "K", open: "false" }, SCRIPT).open).toBe(false);
  });

  it("says what is wrong with the tag", () => {
    expect(() => readOptions({}, SCRIPT)).toThrow(BadOption);
    expect(() => readOptions({ deploymentKey: "K", texts: "{" }, SCRIPT)).toThrow("not valid JSON");
  });
});

it("reads the fields of the form, each once", () => {
  expect(readForm("name*, email,question, name, order_number", defaultTexts)).toEqual([
    { name: "name", label: "Your name", kind: "text", required: true },
    { name: "email", label: "E-mail address", kind: "email", required: false },
    { name: "question", label: "How can we help?", kind: "textarea", required: false },
    { name: "order_number", label: "Order number", kind: "text", required: false },
  ]);
});

it.each([["#abc", "#aabbcc"], ["AABBCC", "#aabbcc"], ["red; }", null], [undefined, null]])("reads the colour %j", (text, expected) => {
  expect(readColour(text)).toBe(expected);
});

it.each([["#ffffff", "#000000"], ["#3457d5", "#ffffff"], ["#ffd600", "#000000"]])("writes on %s in %s", (colour, ink) => {
  expect(inkOn(colour)).toBe(ink);
});
