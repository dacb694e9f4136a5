import { describe, expect, it } from "vitest";

import type { Definition, Options } from "../api/types";
import { blanksOf, choicesFor, filledIn, placeText } from "./placeholders";

const OPTIONS: Options = { workflows: [{ sid: "WW1", friendly_name: "Everyone" }], task_channels: [], flows: [], addresses: [] };
const found = (widget: string, path: string, text: string) => ({ widget, path, text });

describe("placeholders of an import", () => {
  it("are one blank for each text, with its places", () => {
    const blanks = blanksOf([
      found("a", "#/states/1/properties/workflow", "${WF}"),
      found("b", "#/states/2/properties/workflow", "${WF}"),
      found("", "#/description", "<MY_NAME>"),
    ]);

    expect(blanks.map(({ text, places }) => [text, places.map(placeText)])).toEqual([
      ["${WF}", ["a: workflow", "b: workflow"]],
      ["<MY_NAME>", ["description"]],
    ]);
    expect(blanks.map((blank) => choicesFor(blank, OPTIONS))).toEqual([[{ value: "WW1", label: "Everyone" }], null]);
  });

  it("say where they stand in words", () => {
    const texts = ["properties/media_url", "properties/parameters/1/value", "transitions/0/conditions/2/value"].map((path) => placeText({ widget: "a", path: `#/states/3/${path}` }));

    expect(texts).toEqual(["a: media url", "a: parameters 2, value", "a: exit 1, condition 3, value"]);
  });

  it("are replaced everywhere at once, and values are not filled in again", () => {
    const definition = {
      initial_state: "T",
      states: [{ name: "T", type: "trigger", properties: { url: "https://${HOST}/YOUR_KEY/YOUR_KEY_2", n: 1 }, transitions: [{ event: "x", conditions: ["${HOST}"] }] }],
    } as Definition;

    expect(filledIn(definition, { "${HOST}": "YOUR_KEY", YOUR_KEY: "$&", YOUR_KEY_2: " " }).states[0]).toEqual({
      name: "T", type: "trigger", properties: { url: "https://YOUR_KEY/$&/YOUR_KEY_2", n: 1 }, transitions: [{ event: "x", conditions: ["YOUR_KEY"] }],
    });
    expect(filledIn(definition, {})).toBe(definition);
  });
});
