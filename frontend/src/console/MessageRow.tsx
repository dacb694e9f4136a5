import { Button } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconChecks, IconClock, IconFile, IconRobot } from "@tabler/icons-react";

import { safeUrl, splitLinks } from "../../webchat/src/links";
import type { Delivery, Message } from "../api/types";
import { dayText, momentText, timeText } from "./core/format";
import { readableName } from "./core/tasks";
import type { Outgoing } from "./core/transcript";

const GROUP_WITHIN_MS = 5 * 60_000;

type Props = { message: Message; before: Message | undefined; now: number };

/** One stored message, with the day above it where a day begins. */
export function MessageRow({ message, before, now }: Props) {
  const newDay = !before || new Date(before.date_created).toDateString() !== new Date(message.date_created).toDateString();
  const day = newDay && (
    <div className="day" role="separator">
      <span>{dayText(message.date_created, now)}</span>
    </div>
  );
  if (message.source === "system") {
    return (
      <>
        {day}
        <div className="event">
          {message.body} · <time dateTime={message.date_created}>{timeText(message.date_created)}</time>
        </div>
      </>
    );
  }
  const side = message.source === "customer" ? "in" : message.source === "agent" ? "out" : "bot";
  const follows =
    !newDay &&
    before.source === message.source &&
    before.author === message.author &&
    Date.parse(message.date_created) - Date.parse(before.date_created) < GROUP_WITHIN_MS;
  return (
    <>
      {day}
      <div className={`message message--${side} ${follows ? "message--follows" : ""}`}>
        <div className={follows ? "visually-hidden" : "message__author"}>
          {side === "bot" && <IconRobot size={14} stroke={1.7} aria-hidden />}
          {readableName(message.author_name || message.author) || "Unknown"}
        </div>
        {message.body && <Bubble body={message.body} />}
        {message.media.map((media, at) => (
          <Attachment key={`${media.url} ${at}`} media={media} />
        ))}
        <div className="message__foot">
          <time dateTime={message.date_created} title={momentText(message.date_created)}>
            {timeText(message.date_created)}
          </time>
          {message.delivery && <DeliveryState delivery={message.delivery} />}
        </div>
      </div>
    </>
  );
}

type OutgoingProps = { entry: Outgoing; offline: boolean; onRetry: () => void; onDiscard: () => void };

/** A message on its way, or one that did not get there. */
export function OutgoingRow({ entry, offline, onRetry, onDiscard }: OutgoingProps) {
  const failed = entry.status === "failed";
  return (
    <div className={`message message--out message--${failed ? "failed" : "pending"}`}>
      <Bubble body={entry.body} />
      {failed ? (
        <div className="message__failure" role="alert">
          <span>Not sent. {entry.error}</span>
          <Button size="compact-xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
          <Button size="compact-xs" variant="subtle" color="gray" onClick={onDiscard}>
            Discard
          </Button>
        </div>
      ) : (
        <div className="message__foot">
          <IconClock size={13} aria-hidden /> {offline ? "Waiting for the connection" : "Sending…"}
        </div>
      )}
    </div>
  );
}

function Bubble({ body }: { body: string }) {
  return (
    <div className="message__bubble" dir="auto">
      {splitLinks(body).map(({ text, href }, at) =>
        href ? (
          <a key={at} href={href} target="_blank" rel="noreferrer nofollow">
            {text}
          </a>
        ) : (
          text
        ),
      )}
    </div>
  );
}

function Attachment({ media }: { media: Message["media"][number] }) {
  const url = safeUrl(media.url, window.location.origin);
  const name = media.filename || "Attachment";
  if (!url) return <div className="attachment">{name} (address not shown: it is not a web address)</div>;
  if (/^image\/(png|jpe?g|gif|webp|avif)$/i.test(media.content_type)) {
    return (
      <a className="picture" href={url} target="_blank" rel="noreferrer">
        <img src={url} alt={name} loading="lazy" />
      </a>
    );
  }
  return (
    <a className="attachment" href={url} target="_blank" rel="noreferrer">
      <IconFile size={18} stroke={1.6} aria-hidden />
      <span className="clip">{name}</span>
    </a>
  );
}

const DELIVERY: Record<Delivery["status"], string> = {
  queued: "On its way", sent: "Sent", delivered: "Delivered", read: "Read", failed: "Not delivered", undelivered: "Not delivered",
};

function DeliveryState({ delivery }: { delivery: Delivery }) {
  const label = DELIVERY[delivery.status];
  if (delivery.status === "failed" || delivery.status === "undelivered") {
    const code = delivery.error_code ? ` (${delivery.error_code})` : "";
    return (
      <span className="delivery delivery--failed">
        <IconAlertCircle size={14} aria-hidden /> {label}
        {delivery.error_message ? `: ${delivery.error_message}` : ""}
        {code}
      </span>
    );
  }
  const Sign = delivery.status === "queued" ? IconClock : delivery.status === "sent" ? IconCheck : IconChecks;
  return (
    <span className={`delivery delivery--${delivery.status}`} title={label}>
      <Sign size={15} stroke={1.8} aria-hidden />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
