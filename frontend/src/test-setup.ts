import "@testing-library/jest-dom/vitest";
import { notifications } from "@mantine/notifications";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, vi } from "vitest";

afterEach(cleanup);
// All files' tests share one page (vite.config.ts): what one leaves there is not the next one's.
afterEach(() => notifications.clean());
afterAll(() => {
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
});
// What a page loads when it is opened takes longer than the usual second on a busy machine.
configure({ asyncUtilTimeout: 8_000 });

// happy-dom has no layout: what Mantine and the canvas ask for gets an answer that changes nothing.
window.matchMedia ??= vi.fn();
vi.stubGlobal(
  "matchMedia",
  (query: string): MediaQueryList =>
    ({
      matches: false,
      media: query,
      onchange: null,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
      addListener: () => undefined,
      removeListener: () => undefined,
      dispatchEvent: () => false,
    }) as MediaQueryList,
);
vi.stubGlobal(
  "ResizeObserver",
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
Element.prototype.scrollIntoView ??= () => undefined;

// The DOM of the tests knows no fonts, for which a growing text field waits.
if (!document.fonts) {
  Object.defineProperty(document, "fonts", { value: { addEventListener: () => undefined, removeEventListener: () => undefined }, configurable: true });
}
