/** Whether a transcript is read at its end; it is kept there when its place grows or shrinks around it. */
import { useCallback, useEffect, useRef, useState } from "react";

// Between the place's new size and the list's word that its end is out of sight lie some frames, in either order.
const TOGETHER_MS = 150;

type End = {
  atEnd: boolean;
  /** What the list says whenever its end comes into sight or leaves it. */
  onEnd: (isInSight: boolean) => void;
  /** The element that scrolls. */
  watch: (element: HTMLElement | Window | null) => void;
};

/** `goToEnd` scrolls there; `onChange` hears what the reader does, and not what a new size does. */
export function useEnd(initially: boolean, goToEnd: () => void, onChange: (atEnd: boolean) => void): End {
  const [atEnd, setAtEnd] = useState(initially);
  const state = useRef({ atEnd: initially, sizedAt: -Infinity, timer: 0, goToEnd, onChange });
  useEffect(() => {
    Object.assign(state.current, { goToEnd, onChange });
  });
  useEffect(() => {
    const { current } = state;
    return () => clearTimeout(current.timer);
  }, []);

  const onEnd = useCallback((isInSight: boolean) => {
    const { current } = state;
    const say = (value: boolean) => {
      if (current.atEnd === value) return;
      current.atEnd = value;
      setAtEnd(value);
      current.onChange(value);
    };
    clearTimeout(current.timer);
    if (isInSight) return say(true);
    const leftAt = performance.now();
    current.timer = window.setTimeout(() => {
      if (Math.abs(current.sizedAt - leftAt) < TOGETHER_MS) current.goToEnd();
      else say(false);
    }, TOGETHER_MS);
  }, []);

  const observer = useRef<ResizeObserver | null>(null);
  const watch = useCallback((element: HTMLElement | Window | null) => {
    observer.current?.disconnect();
    if (!(element instanceof HTMLElement)) return;
    observer.current = new ResizeObserver(() => {
      state.current.sizedAt = performance.now();
      if (state.current.atEnd) state.current.goToEnd();
    });
    observer.current.observe(element);
  }, []);
  return { atEnd, onEnd, watch };
}
