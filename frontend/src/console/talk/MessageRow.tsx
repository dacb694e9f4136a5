import { Button } from "@mantine/core";
import { IconAlertCircle, IconCheck, IconChecks, IconClock, IconEyeOff, IconEar, IconRobot, IconTemplate } from "@tabler/icons-react";

import { splitLinks } from "../../../webchat/src/links";
import type { Internal } from "../../api/console-types";
import type { Delivery } from "../../api/types";
import { ActLines } from "../../app/ActLines";
import { Marked } from "../../app/Marked";
import type { Act } from "../../core/acts";
import { dayText, momentText, timeText } from "../core/format";
import type { Row } from "../core/rows";
import { readableName } from "../core/tasks";
import type { Outgoing } from "../core/transcript";
import { BesideWords } from "./BesideWords";
import { Media, type OpenMedia } from "./Media";

type Props = {
  row: Extract<Row, { kind: "message" }>;
  now: number;
  /** Words to be marked, in lower case. */
  marked?: string;
  /** Found by a search just now. */
  found?: boolean;
  onOpen?: OpenMedia;
};

/** One stored message, with the day above it where a day begins. */
export function MessageRow({ row, now, marked = "", found = false, onOpen }: Props) {
  const { message, newDay, follows } = row;
  const day = newDay && <Day date={message.date_created} now={now} />;
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
  return (
    <>
      {day}
      <div className={`message message--${side} ${follows ? "message--follows" : ""} ${found ? "message--found" : ""}`}>
        <div className={follows ? "visually-hidden" : "message__author"}>
          {side === "bot" && <IconRobot size={14} stroke={1.7} aria-hidden />}
          {readableName(message.author_name || message.author) || "Unknown"}
        </div>
        {message.body && !(message.place && message.body === message.place.name) && <Bubble body={message.body} marked={marked} />}
        <Media media={message.media} onOpen={onOpen} />
        <BesideWords message={message} />
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

type InternalProps = { note: Internal; newDay: boolean; now: number; marked?: string; found?: boolean; onOpen?: OpenMedia };

/** A note or a whisper: it looks like nothing that the customer could read. */
export function InternalRow({ note, newDay, now, marked = "", found = false, onOpen }: InternalProps) {
  const whisper = note.kind === "whisper";
  return (
    <>
      {newDay && <Day date={note.date_created} now={now} />}
      <div className={`message message--note ${found ? "message--found" : ""}`} role="note" aria-label={whisper ? "Whisper" : "Internal note"}>
        <div className="message__author">
          {whisper ? <IconEar size={14} stroke={1.8} aria-hidden /> : <IconEyeOff size={14} stroke={1.8} aria-hidden />}
          <strong>{note.author_name}</strong>
          <span>{whisper ? (note.to_worker_sid ? "whispers to the agent" : "whispers to the agents") : "noted for colleagues"}</span>
        </div>
        {note.body && <Bubble body={note.body} marked={marked} />}
        <Media media={note.media} onOpen={onOpen} />
        <div className="message__foot">
          <time dateTime={note.date_created} title={momentText(note.date_created)}>
            {timeText(note.date_created)}
          </time>
          <span>The customer does not see this</span>
        </div>
      </div>
    </>
  );
}

/** What happened meanwhile, one line each. */
export function ActsRow({ acts, newDay, now }: { acts: readonly Act[]; newDay: boolean; now: number }) {
  return (
    <>
      {newDay && acts[0] && <Day date={acts[0].at} now={now} />}
      <ActLines acts={acts} />
    </>
  );
}

function Day({ date, now }: { date: string; now: number }) {
  return (
    <div className="day" role="separator">
      <span>{dayText(date, now)}</span>
    </div>
  );
}

type OutgoingProps = { entry: Outgoing; offline: boolean; onRetry: () => void; onDiscard: () => void };

/** A message on its way, or one that did not get there. */
export function OutgoingRow({ entry, offline, onRetry, onDiscard }: OutgoingProps) {
  const failed = entry.status === "failed";
  return (
    <div className={`message message--${entry.kind === "note" ? "note" : "out"} message--${failed ? "failed" : "pending"}`}>
      {entry.template && (
        <div className="message__author">
          <IconTemplate size={14} stroke={1.7} aria-hidden /> Template
        </div>
      )}
      {entry.body && <Bubble body={entry.body} />}
      <Media media={entry.media} />
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

function Bubble({ body, marked = "" }: { body: string; marked?: string }) {
  return (
    <div className="message__bubble" dir="auto">
      {splitLinks(body).map(({ text, href }, at) =>
        href ? (
          <a key={at} href={href} target="_blank" rel="noreferrer nofollow">
            <Marked text={text} words={marked} />
          </a>
        ) : (
          <Marked key={at} text={text} words={marked} />
        ),
      )}
    </div>
  );
}

const DELIVERY: Record<Delivery["status"], string> = {
  queued: "On its way", sent: "Sent", delivered: "Delivered", read: "Read", failed: "Not delivered", undelivered: "Not delivered",
};

/** What an agent can do about a provider's refusal. */
const ADVICE: Record<number, string> = {
  21610: "The customer has unsubscribed from this number.",
  30003: "The phone is switched off or out of reach. Try again later.",
  30005: "The number does not exist.",
  30006: "The number cannot receive SMS; perhaps it is a landline.",
  30007: "The carrier filtered the message as unwanted.",
  63016: "The channel's time for free text has ended. Send a template.",
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
        {delivery.error_code && ADVICE[delivery.error_code] ? ` ${ADVICE[delivery.error_code]}` : ""}
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
