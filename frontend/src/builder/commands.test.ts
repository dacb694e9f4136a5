import { describe, expect, it } from "vitest";

import { COMMANDS, isPressed, keyText } from "./commands";

const press = (key: string, held: { ctrlKey?: boolean; metaKey?: boolean; shiftKey?: boolean; altKey?: boolean } = {}) => ({
  key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held,
});

describe("keys", () => {
  it("match with exactly what is held", () => {
    expect(isPressed("mod+Z", press("z", { ctrlKey: true }))).toBe(true);
    expect(isPressed("mod+Z", press("z", { metaKey: true }))).toBe(true);
    expect(isPressed("mod+Z", press("Z", { ctrlKey: true, shiftKey: true }))).toBe(false);
    expect(isPressed("mod+shift+Z", press("Z", { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(isPressed("A", press("a", { ctrlKey: true }))).toBe(false);
    expect(isPressed("alt+ArrowUp", press("ArrowUp", { altKey: true }))).toBe(true);
  });

  it("match signs however the keyboard makes them", () => {
    expect(isPressed("?", press("?", { shiftKey: true }))).toBe(true);
    expect(isPressed("+", press("+"))).toBe(true);
  });

  it("are written for people", () => {
    expect(keyText("mod+shift+Z")).toEqual(["Ctrl", "Shift", "Z"]);
    expect(keyText("+")).toEqual(["+"]);
  });

  it("mean one command each", () => {
    const keys = COMMANDS.flatMap((command) => command.keys.map((key) => key.toLowerCase()));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});
