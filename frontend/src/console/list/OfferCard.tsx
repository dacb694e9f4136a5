import { Button, RingProgress, Text } from "@mantine/core";
import { useState } from "react";

import { Chord } from "../commands/Chord";
import { channelName, clockText } from "../core/format";
import type { Held } from "../core/model";
import { customerName } from "../core/tasks";
import { ChannelIcon } from "../../app/ChannelIcon";
import { useNow } from "../useConsole";

type Props = {
  offer: Held;
  /** The chords that accept and reject it; only the first offer has keys. */
  chords?: { accept: string | null; reject: string | null } | null;
  clockSkew: number;
  onAnswer: (offer: Held, status: "accepted" | "rejected") => Promise<void>;
};

/** An offered task, with the time left to answer it. */
export function OfferCard({ offer, clockSkew, chords = null, onAnswer }: Props) {
  const now = useNow(1_000);
  const [answering, setAnswering] = useState<"accepted" | "rejected" | null>(null);
  const left = offer.expires_at ? Math.max(0, (Date.parse(offer.expires_at) - now - clockSkew) / 1_000) : null;
  const whole = offer.expires_at ? (Date.parse(offer.expires_at) - Date.parse(offer.date_created)) / 1_000 : 0;
  const expired = left === 0;
  const name = customerName(offer);
  const channel = channelName(offer.conversation?.channel_type ?? offer.task.channel);
  // A flow's last words say what it told the customer, not what the customer wants.
  const last = offer.conversation?.last_message;
  const said = (last?.source !== "customer" && offer.conversation?.customer_said) || last?.body;

  const answer = (status: "accepted" | "rejected") => {
    setAnswering(status);
    void onAnswer(offer, status).finally(() => setAnswering(null));
  };

  return (
    <article className="offer" aria-label={`Offer: ${name}, ${channel}`}>
      <div className="offer__top">
        <ChannelIcon channel={offer.conversation?.channel_type ?? offer.task.channel} size={36} />
        <div className="offer__who">
          <Text fw={650} className="clip" title={name} dir="auto">
            {name}
          </Text>
          <Text size="xs" c="dimmed" className="clip" title={offer.queue_name}>
            {channel} · {offer.queue_name}
          </Text>
        </div>
        {left !== null && (
          <RingProgress
            size={46}
            thickness={4}
            roundCaps
            sections={[{ value: whole > 0 ? Math.min(100, (left / whole) * 100) : 100, color: left < 10 ? "var(--fd-danger)" : "var(--fd-accent)" }]}
            label={
              <Text size="xs" ta="center" fw={600} role="timer" aria-label={expired ? "Expired" : `${Math.ceil(left)} seconds left`}>
                {Math.ceil(left)}
              </Text>
            }
          />
        )}
      </div>
      {said && (
        <p className="offer__text" dir="auto">
          {said}
        </p>
      )}
      <Text size="xs" c="dimmed" className="offer__wait">
        Waiting for {clockText((now - offer.taskBornAt) / 1_000)}
        {offer.task.priority > 0 && ` · priority ${offer.task.priority}`}
      </Text>
      <div className="offer__buttons">
        <Button variant="default" disabled={expired || answering !== null} loading={answering === "rejected"} onClick={() => answer("rejected")}>
          Reject
        </Button>
        <Button disabled={expired || answering !== null} loading={answering === "accepted"} onClick={() => answer("accepted")}>
          Accept
        </Button>
      </div>
      {chords && (chords.accept || chords.reject) && (
        <p className="offer__keys">
          {chords.accept && (
            <span>
              <Chord chord={chords.accept} /> accepts
            </span>
          )}
          {chords.reject && (
            <span>
              <Chord chord={chords.reject} /> rejects
            </span>
          )}
        </p>
      )}
    </article>
  );
}
