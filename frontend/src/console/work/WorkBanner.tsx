import { Button, CloseButton } from "@mantine/core";
import { IconArrowsTransferUp, IconNote, IconUserCheck, IconUserX } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";

import { listed, namesOf, type Colleague } from "../core/colleagues";
import type { Held } from "../core/model";
import { useNow } from "../useConsole";
import { useRereadWork, useWork, work, type Transfer } from "./api";
import { colleaguesOf, outcomeOf, pendingOf } from "./core";
import { tellFailure } from "./telling";

/** Under the head of a chat: who was asked in, who has come, who declined, and what the colleague before noted. */
export function WorkBanner({ task, colleagues: around }: { task: Held; colleagues?: readonly Colleague[] }) {
  const now = useNow(10_000);
  const { data } = useWork(task.sid, task.conversation !== null);
  const reread = useRereadWork();
  const [read, setRead] = useState<readonly string[]>([]);
  const [busy, setBusy] = useState(false);
  if (!data) return null;
  const pending = pendingOf(data);
  const newest = data.transfers.find(({ is_mine }) => is_mine);
  const failed = newest?.status === "failed" && !["canceled", "ended"].includes(newest.reason) && !read.includes(newest.sid) ? newest : null;
  const colleagues = colleaguesOf(data);
  const { here } = namesOf(around, now);
  const arrived = data.arrived_by;

  const cancel = (transfer: Transfer) => {
    setBusy(true);
    work
      .cancelTransfer(transfer.sid)
      .catch((error: unknown) => tellFailure("The invitation stands", error))
      .finally(() => {
        setBusy(false);
        void reread();
      });
  };

  return (
    <div className="banners">
      {arrived?.note && !read.includes("note") && (
        <Banner icon={<IconNote size={17} />} onClose={() => setRead([...read, "note"])}>
          <strong>{arrived.from}:</strong> {arrived.note}
        </Banner>
      )}
      {pending && !pending.has_joined && (
        <Banner icon={<IconArrowsTransferUp size={17} />}>
          <span className="banner__text">{outcomeOf(pending)}…</span>
          {pending.type === "warm" && task.status === "accepted" && (
            <Button size="compact-sm" variant="default" loading={busy} onClick={() => cancel(pending)}>
              Take back
            </Button>
          )}
        </Banner>
      )}
      {failed && (
        <Banner icon={<IconUserX size={17} />} tone="danger" onClose={() => setRead([...read, failed.sid])}>
          {outcomeOf(failed)}. {failed.type === "cold" ? "The customer waits in your queue." : "You still have the conversation."}
        </Banner>
      )}
      {colleagues.length > 0 && task.status === "accepted" && (
        <Banner icon={<IconUserCheck size={17} />}>
          {listed(colleagues)} {colleagues.length === 1 ? "is" : "are"} in this conversation too.
          {here.length > 0 && ` ${listed(here)} ${here.length === 1 ? "has" : "have"} it on the screen now.`}
        </Banner>
      )}
    </div>
  );
}

type BannerProps = { icon: ReactNode; tone?: "plain" | "danger"; onClose?: () => void; children: ReactNode };

function Banner({ icon, tone = "plain", onClose, children }: BannerProps) {
  return (
    <div className={`banner banner--${tone}`} role="status">
      <span className="banner__icon" aria-hidden>
        {icon}
      </span>
      <div className="banner__body" dir="auto">
        {children}
      </div>
      {onClose && <CloseButton size="sm" aria-label="Dismiss" onClick={onClose} />}
    </div>
  );
}
