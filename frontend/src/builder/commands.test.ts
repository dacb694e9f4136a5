import { describe, expect, it } from "vitest";

import { COMMANDS, conflictOf, isPressed, keysFor, keyText, pressedKeys, readKeymap } from "./commands";
import { goToPart } from "./parts";

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

  it("are written down as they are pressed, by their place where Alt changes them", () => {
    expect(pressedKeys(press("z", { ctrlKey: true }))).toBe("mod+Z");
    expect(pressedKeys(press("Z", { metaKey: true, shiftKey: true }))).toBe("mod+shift+Z");
    expect(pressedKeys(press("?", { shiftKey: true }))).toBe("?");
    expect(pressedKeys({ ...press("˙", { altKey: true }), code: "KeyH" })).toBe("alt+H");
    expect(isPressed("alt+H", { ...press("˙", { altKey: true }), code: "KeyH" })).toBe(true);
    expect(pressedKeys(press("Shift", { shiftKey: true }))).toBeNull();
  });

  it("can be others, or none, for each user", () => {
    const keymap = readKeymap({ tidy: "Y", note: null, gone: "X", copy: "Q", undo: 4 });
    expect(keymap).toEqual({ tidy: "Y", note: null });
    expect(COMMANDS.filter(({ id }) => ["tidy", "note", "undo"].includes(id)).map((command) => keysFor(command, keymap))).toEqual([["mod+Z"], ["Y"], []]);
  });

  it("are refused where another command or the browser has them, or writing needs them", () => {
    expect(conflictOf("tidy", "N", {})).toBe("“Add a note (a frame around the selection)” has these keys. Give it others first.");
    expect(conflictOf("tidy", "N", { note: null })).toBeNull();
    expect(conflictOf("tidy", "mod+W", {})).toBe("The browser keeps these keys for itself.");
    expect(conflictOf("find", "Y", {})).toBe("This works while you write, too: use Alt, Ctrl or Cmd with a key, or a function key.");
    expect(conflictOf("find", "F3", {})).toBeNull();
    expect(conflictOf("part-before", "shift+F6", {})).toBeNull();
    expect(conflictOf("add", "Tab", { add: "Q" })).toBeNull();
  });

  it("mean one command each", () => {
    const keys = COMMANDS.flatMap((command) => command.keys.map((key) => key.toLowerCase()));
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });
});

describe("the parts of the screen", () => {
  it("follow one another round, from what is open", () => {
    document.body.innerHTML = `
      <header class="topbar"><button disabled>Undo</button><button>Publish</button></header>
      <section class="builder__canvas" tabindex="0"><div class="traffic"><button>Hour</button></div></section>
      <section class="builder__inspector"><input type="hidden" /><input aria-label="Name" /></section>`;
    const visited = ([1, 1, 1, 1, 1, -1, -1] as const).map((step) => {
      goToPart(step);
      const stop = document.activeElement as HTMLElement;
      return stop.getAttribute("aria-label") ?? (stop.className || stop.textContent);
    });
    expect(visited).toEqual(["Publish", "builder__canvas", "Hour", "Name", "Publish", "Name", "Hour"]);
  });
});
