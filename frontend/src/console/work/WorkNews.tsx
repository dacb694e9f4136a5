import { useEffect, useRef } from "react";

import { useClient } from "../useConsole";
import { useRereadWork, type Transfer } from "./api";
import { outcomeOf } from "./core";
import { tell } from "./telling";

/** Hears from the socket that colleagues did something: reads it anew, and tells the agent what became of a transfer. */
export function WorkNews() {
  const client = useClient();
  const reread = useRereadWork();
  const told = useRef(new Set<string>());
  const latest = useRef(reread);
  useEffect(() => {
    latest.current = reread;
  });
  useEffect(
    () =>
      client.onWork((transfer) => {
        void latest.current();
        const news = newsOf(transfer as Transfer | null);
        if (!news || told.current.has(news.key)) return;
        told.current.add(news.key);
        tell(news.title, news.message);
      }),
    [client],
  );
  return null;
}

function newsOf(transfer: Transfer | null): { key: string; title: string; message: string } | null {
  if (!transfer) return null;
  if (transfer.status === "failed" && ["declined", "unanswered"].includes(transfer.reason)) {
    const message = transfer.type === "cold" ? "The customer waits in your queue." : "You still have the conversation, unless you have left it.";
    return { key: `${transfer.sid} failed`, title: outcomeOf(transfer), message };
  }
  if (transfer.has_joined) {
    return { key: `${transfer.sid} joined`, title: outcomeOf(transfer), message: transfer.type === "warm" ? "You can leave now, or stay." : "The customer is in good hands." };
  }
  return null;
}
