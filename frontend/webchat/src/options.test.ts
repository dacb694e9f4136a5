import { describe, expect, it } from "vitest";

import { bareDeployment } from "./deployment";
import { BadOption, inkOn, readColour, readForm, readOptions, subjectOf } from "./options";
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
      form: [{ name: "name", label: "Ihr Name", type: "text", required: true, options: [] }],
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
    { name: "name", label: "Your name", type: "text", required: true, options: [] },
    { name: "email", label: "E-mail address", type: "email", required: false, options: [] },
    { name: "question", label: "How can we help?", type: "textarea", required: false, options: [] },
    { name: "order_number", label: "Order number", type: "text", required: false, options: [] },
  ]);
});

it.each([["#abc", "#aabbcc"], ["AABBCC", "#aabbcc"], ["red; }", null], [undefined, null]])("reads the colour %j", (text, expected) => {
  expect(readColour(text)).toBe(expected);
});

it.each([["#ffffff", "#000000"], ["#3457d5", "#ffffff"], ["#ffd600", "#000000"]])("writes on %s in %s", (colour, ink) => {
  expect(inkOn(colour)).toBe(ink);
});

describe("the admin's settings", () => {
  const admins = {
    ...bareDeployment,
    title: "Northwind", accent: "#1D6F65", theme: "dark", position: "left", texts: { send: "Los" },
    form: [{ name: "topic", label: "Topic", type: "select", required: true, options: ["A"] }] as const,
    launcher: { icon: "wave", text: "Ask us" },
  };

  it("are what the page leaves out, and give way to it", () => {
    const set = readOptions({ deploymentKey: "K" }, SCRIPT, admins);
    const page = readOptions({ deploymentKey: "K", title: "Mine", theme: "light", texts: '{"send":"Go"}', launcherIcon: "/i.png" }, SCRIPT, admins);

    expect(set).toMatchObject({ title: "Northwind", accent: "#1d6f65", theme: "dark", position: "left", launcherIcon: "wave", launcherText: "Ask us" });
    expect(set.texts.send).toBe("Los");
    expect(page).toMatchObject({ title: "Mine", theme: "light", launcherIcon: { url: "/i.png" } });
    expect(page.texts.send).toBe("Go");
  });

  it("ask what the server checks, whatever the page asks", () => {
    expect(readOptions({ deploymentKey: "K", form: "name" }, SCRIPT, admins).form).toEqual(admins.form);
  });
});

it("reads whose chat a token opens, and refuses what is none", () => {
  const payload = btoa(String.fromCharCode(...new TextEncoder().encode('{"sub":"Zoë"}'))).replace(/=/g, "");

  expect(subjectOf(`x.${payload}.y`)).toBe("Zoë");
  for (const wrong of ["", "x", "a.b.c", `x.${btoa('{"sub":7}')}.y`]) expect(() => subjectOf(wrong)).toThrow(BadOption);
});
