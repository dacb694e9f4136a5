/**
 * The script a site includes:
 *
 *     <script src="https://chat.example/webchat.js" data-deployment-key="…" async></script>
 *
 * It puts one element into the page and `FlowdeskWebChat` (open, close, toggle) on the window.
 */

import { Chat } from "./chat";
import { BadOption, readOptions } from "./options";
import { browserStore } from "./store";
import { Widget } from "./view/widget";

declare global {
  interface Window {
    FlowdeskWebChat?: { open: () => void; close: () => void; toggle: () => void };
  }
}

const script =
  document.currentScript instanceof HTMLScriptElement
    ? document.currentScript
    : document.querySelector<HTMLScriptElement>("script[data-deployment-key]");

function start(tag: HTMLScriptElement): void {
  const options = readOptions(tag.dataset, tag.src || document.baseURI);
  const chat = new Chat({
    server: options.server,
    deploymentKey: options.deploymentKey,
    texts: options.texts,
    store: browserStore(`${options.server}.${options.deploymentKey}`),
  });
  const widget = new Widget(chat, options);
  const container = options.container ? document.querySelector(options.container) : null;
  (container ?? document.body).append(widget.host);
  window.FlowdeskWebChat = {
    open: () => widget.open(),
    close: () => widget.close(),
    toggle: () => widget.toggle(),
  };
  chat.resume();
  if (options.open) widget.open();
}

function startOnce(): void {
  // A page that includes the script twice gets one chat.
  if (!script || window.FlowdeskWebChat) return;
  try {
    start(script);
  } catch (error) {
    if (!(error instanceof BadOption)) throw error;
    // eslint-disable-next-line no-console -- the person who placed the tag reads it there.
    console.error(`Web chat: ${error.message}`);
  }
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startOnce);
else startOnce();
