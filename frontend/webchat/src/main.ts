/**
 * The script a site includes:
 *
 *     <script src="https://chat.example/webchat.js" data-deployment-key="…" async></script>
 *
 * It puts one element into the page and `FlowdeskWebChat` on the window.
 */

import { Chat } from "./chat";
import { bareDeployment, readDeployment, Refused } from "./deployment";
import { BadOption, readOptions, readPlace, subjectOf } from "./options";
import { browserStore } from "./store";
import { Widget } from "./view/widget";

type Attributes = Record<string, string | undefined>;

export type PageInterface = {
  open: () => void;
  close: () => void;
  toggle: () => void;
  /** Somebody logged in (a signed token), or out (null): their chat instead of this one. */
  identify: (token: string | null) => void;
  /** Put the chat on the page anew with other attributes, `{theme: "dark"}`. */
  configure: (attributes: Attributes) => void;
  destroy: () => void;
};

declare global {
  interface Window {
    FlowdeskWebChat?: PageInterface;
  }
}

const script =
  document.currentScript instanceof HTMLScriptElement
    ? document.currentScript
    : document.querySelector<HTMLScriptElement>("script[data-deployment-key]");

type Shown = { widget: Widget; end: () => void };

/** `onHours`: called when the chat has opened or closed for the day since it was put on the page. */
async function build(attributes: Attributes, scriptUrl: string, isOpen: boolean, onHours: () => void): Promise<Shown> {
  const { server, deploymentKey, language } = readPlace(attributes, scriptUrl);
  const deployment = await readDeployment(server, deploymentKey, language);
  const options = readOptions(attributes, scriptUrl, deployment);
  const whose = options.identityToken ? `.${subjectOf(options.identityToken)}` : "";
  const store = browserStore(`${server}.${deploymentKey}${whose}`);
  const chat = new Chat({ ...options, store });
  const widget = new Widget(chat, options, store);
  const container = options.container ? document.querySelector(options.container) : null;
  (container ?? document.body).append(widget.host);
  chat.resume();
  if (options.open || isOpen) widget.open();
  // A page may stay open for days. What is being said is not disturbed: the hours are for those who begin.
  widget.onOpen = () =>
    void readDeployment(server, deploymentKey, language).then(
      (now) => now !== bareDeployment && now.open !== deployment.open && chat.state.phase === "idle" && onHours(),
      () => undefined,
    );
  return {
    widget,
    end: () => {
      widget.destroy();
      chat.destroy();
    },
  };
}

function start(tag: HTMLScriptElement): void {
  const scriptUrl = tag.src || document.baseURI;
  let attributes: Attributes = { ...tag.dataset };
  let shown: Promise<Shown | null> = Promise.resolve(null);
  const show = (change: Attributes, isOpen = false) => {
    attributes = { ...attributes, ...change };
    shown = shown.then(async (before) => {
      before?.end();
      try {
        return await build(attributes, scriptUrl, isOpen, () => show({}, true));
      } catch (error) {
        if (!(error instanceof BadOption || error instanceof Refused)) throw error;
        // eslint-disable-next-line no-console -- the person who placed the tag reads it there.
        console.error(`Web chat: ${error.message}`);
        return null;
      }
    });
  };
  const withWidget = (act: (widget: Widget) => void) => () => void shown.then((now) => now && act(now.widget));
  window.FlowdeskWebChat = {
    open: withWidget((widget) => widget.open()),
    close: withWidget((widget) => widget.close()),
    toggle: withWidget((widget) => widget.toggle()),
    identify: (token) => show({ identity: token ?? undefined }),
    configure: (changed) => show(changed),
    destroy: () => {
      void shown.then((now) => now?.end());
      delete window.FlowdeskWebChat;
    },
  };
  show({});
}

function startOnce(): void {
  // A page that includes the script twice gets one chat.
  if (script && !window.FlowdeskWebChat) start(script);
}

if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", startOnce);
else startOnce();
