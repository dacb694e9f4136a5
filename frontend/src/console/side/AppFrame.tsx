import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import type { PanelApp } from "../../api/console-types";
import { EmptyState } from "../../app/states";
import { requests } from "../api/requests";
import type { OutboundRequest } from "../outbound/request";
import { insertText } from "../talk/composer/inserting";
import { framedOrigins, readFromApp, toApp } from "./protocol";

/** An app is told again when so much of a token's time is left. */
const RENEW_BEFORE_MS = 60_000;

type Props = {
  app: PanelApp;
  reservationSid: string | null;
  conversationSid: string | null;
  hidden: boolean;
  onStart: (request: OutboundRequest) => void;
};

/** A page of another site in a sandbox. It is told of the task by a signed token, and of the next one without a reload. */
export function AppFrame({ app, reservationSid, conversationSid, hidden, onStart }: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  const ready = useRef(false);
  const current = useRef({ reservationSid, conversationSid, onStart });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const asked = useRef(0);
  useEffect(() => {
    current.current = { reservationSid, conversationSid, onStart };
  });

  useEffect(() => {
    const tell = async () => {
      clearTimeout(timer.current);
      const question = (asked.current += 1);
      try {
        const token = await requests.appToken(app.sid, current.current.reservationSid);
        // The agent has gone on to another task meanwhile.
        if (question !== asked.current) return;
        frame.current?.contentWindow?.postMessage(toApp(token), app.origin);
        timer.current = setTimeout(() => void tell(), Math.max(Date.parse(token.expires_at) - Date.now() - RENEW_BEFORE_MS, 30_000));
      } catch {
        timer.current = setTimeout(() => void tell(), RENEW_BEFORE_MS);
      }
    };
    const hear = (event: MessageEvent) => {
      if (event.source !== frame.current?.contentWindow || event.origin !== app.origin) return;
      const said = readFromApp(event.data);
      if (said?.type === "flowdesk:ready") {
        ready.current = true;
        void tell();
      } else if (said?.type === "flowdesk:insert" && current.current.conversationSid) {
        insertText(current.current.conversationSid, said.text);
      } else if (said?.type === "flowdesk:start") {
        current.current.onStart(said.request);
      }
    };
    window.addEventListener("message", hear);
    if (ready.current) void tell();
    return () => {
      window.removeEventListener("message", hear);
      clearTimeout(timer.current);
    };
  }, [app.sid, app.origin, reservationSid]);

  if (!framedOrigins(document.getElementById("root")).includes(app.origin)) {
    return (
      <div hidden={hidden}>
        <EmptyState
          icon={<IconRefresh size={26} stroke={1.6} />}
          title={`${app.name} is new here`}
          action={
            <Button variant="default" onClick={() => window.location.reload()}>
              Reload
            </Button>
          }
        >
          This page was opened before the app was set up. Reload it; what you have written is kept.
        </EmptyState>
      </div>
    );
  }
  return (
    <iframe
      ref={frame}
      className="appframe"
      title={app.name}
      src={app.url}
      hidden={hidden}
      // Its own origin, never ours: the server refuses apps at our address.
      sandbox="allow-scripts allow-same-origin allow-forms allow-popups allow-popups-to-escape-sandbox allow-downloads"
      referrerPolicy="no-referrer"
    />
  );
}
