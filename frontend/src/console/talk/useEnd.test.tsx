import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { useEnd } from "./useEnd";

let resized: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("ResizeObserver", class {
    constructor(told: () => void) {
      resized = told;
    }
    observe() {}
    disconnect() {}
  });
});
afterEach(() => {
  vi.useRealTimers();
});

function read() {
  const goToEnd = vi.fn();
  const onChange = vi.fn();
  const { result } = renderHook(() => useEnd(true, goToEnd, onChange));
  act(() => result.current.watch(document.createElement("div")));
  const end = (isInSight: boolean, afterMs: number) => act(() => {
    result.current.onEnd(isInSight);
    vi.advanceTimersByTime(afterMs);
  });
  return { result, goToEnd, onChange, end };
}

describe("the end of a transcript", () => {
  it("is left when the reader scrolls up, and reached again", () => {
    const { result, goToEnd, onChange, end } = read();

    end(false, 200);
    expect(result.current.atEnd).toBe(false);
    end(true, 0);

    expect(result.current.atEnd).toBe(true);
    expect(onChange.mock.calls).toEqual([[false], [true]]);
    expect(goToEnd).not.toHaveBeenCalled();
  });

  it.each(["before", "after"])("is kept when the place changes its size %s the list says that it is out of sight", (order) => {
    const { result, goToEnd, onChange, end } = read();

    if (order === "before") resized();
    end(false, 50);
    if (order === "after") resized();
    act(() => void vi.advanceTimersByTime(200));

    expect(result.current.atEnd).toBe(true);
    expect(onChange).not.toHaveBeenCalled();
    expect(goToEnd).toHaveBeenCalled();
  });

  it("is not forced on who reads further up", () => {
    const { result, goToEnd, end } = read();
    end(false, 400);

    resized();

    expect(result.current.atEnd).toBe(false);
    expect(goToEnd).not.toHaveBeenCalled();
  });
});
