import { useEffect, useId, useRef, useState, type FormEvent, type KeyboardEvent } from "react";

import { readableNumber, type Outgoing, type PhoneMessage } from "./core/phone";
import { useClock } from "./useClock";
import { usePhone } from "./usePhone";

type Props = {
  connectionSid: string;
  type: string;
  /** The number that is written to. */
  address: string;
  from: string;
  onNewCustomer: () => void;
};

const NAMES: Record<string, string> = { sms: "SMS", whatsapp: "WhatsApp" };

const timeOf = (iso: string) => new Date(iso).toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });

/** A phone in the customer's hand. */
export function PhoneView({ connectionSid, type, address, from, onNewCustomer }: Props) {
  const { phone, online, send, sendFile, retry } = usePhone(connectionSid, from);
  const clock = useClock();
  const title = useId();
  const log = useRef<HTMLDivElement>(null);
  const name = NAMES[type] ?? type;
  const empty = !phone.messages.length && !phone.outgoing.length;
  const count = phone.messages.length + phone.outgoing.length;

  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [count]);

  return (
    <section className="phone-place" aria-labelledby={title}>
      <header className="phone-label">
        <h2 id={title}>{name} phone</h2>
        <button type="button" className="quiet" onClick={onNewCustomer} title="Take another number: a customer nobody knows yet">
          New customer
        </button>
      </header>
      <div className={`phone phone--${type}`}>
        <div className="phone__status" aria-hidden="true">
          <span>{clock}</span>
          <span className="phone__island" />
          <span className="phone__signs">
            <i className={online ? "bars" : "bars bars--none"} />
            <i className="battery" />
          </span>
        </div>
        <div className="phone__head">
          <span className="phone__avatar" aria-hidden="true">
            N
          </span>
          <div>
            <strong>Northwind</strong>
            <span>{online ? readableNumber(address) : "No connection. Trying again…"}</span>
          </div>
        </div>
        {/* A log that can be scrolled has to be reachable by keyboard. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <div className="phone__log" role="log" aria-label={`${name} messages`} ref={log} tabIndex={0}>
          <p className="phone__note">
            You are {readableNumber(from)}
            {empty && <span>Write something to start the conversation.</span>}
          </p>
          {phone.messages.map((message) => (
            <Bubble key={message.id} message={message} />
          ))}
          {phone.outgoing.map((entry) => (
            <Unsent key={entry.ref} entry={entry} onRetry={() => retry(entry.ref, entry.body)} />
          ))}
        </div>
        <Composer label={`${name} message`} empty={empty} onSend={send} onFile={sendFile} />
        <span className="phone__bar" aria-hidden="true" />
      </div>
    </section>
  );
}

function Bubble({ message }: { message: PhoneMessage }) {
  return (
    <div className={`bubble bubble--${message.direction}`} dir="auto">
      {message.body && <span className="bubble__text">{message.body}</span>}
      {message.media.map((media) => (
        <a key={media.url} href={media.url} target="_blank" rel="noreferrer">
          {media.content_type.startsWith("image/") ? <img src={media.url} alt={media.filename || "Picture"} /> : media.filename || "Attachment"}
        </a>
      ))}
      <time dateTime={message.date_created}>{timeOf(message.date_created)}</time>
    </div>
  );
}

function Unsent({ entry, onRetry }: { entry: Outgoing; onRetry: () => void }) {
  return (
    <div className={`bubble bubble--out bubble--${entry.status}`} dir="auto">
      <span className="bubble__text">{entry.body || "A file"}</span>
      {entry.status === "failed" ? (
        <span className="bubble__failure" role="alert">
          Not sent. {entry.error} <button onClick={onRetry}>Try again</button>
        </span>
      ) : (
        <time dateTime={entry.sentAt}>Sending…</time>
      )}
    </div>
  );
}

type ComposerProps = { label: string; empty: boolean; onSend: (body: string) => void; onFile: (file: File) => void };

function Composer({ label, empty, onSend, onFile }: ComposerProps) {
  const [text, setText] = useState("");
  const picker = useRef<HTMLInputElement>(null);
  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (!text.trim()) return;
    onSend(text.trim());
    setText("");
  };
  return (
    <form className="phone__composer" onSubmit={submit}>
      <button type="button" className="phone__attach" aria-label={`Attach a file to a ${label}`} onClick={() => picker.current?.click()}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 5v14M5 12h14" fill="none" stroke="currentColor" strokeWidth="2.2" strokeLinecap="round" />
        </svg>
      </button>
      <input
        ref={picker}
        type="file"
        hidden
        aria-label={`File for a ${label}`}
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) onFile(file);
          event.target.value = "";
        }}
      />
      <textarea
        aria-label={label}
        placeholder={empty ? "Say hello…" : "Message"}
        rows={1}
        dir="auto"
        maxLength={1600}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing) submit(event);
        }}
      />
      <button type="submit" aria-label={`Send ${label}`} disabled={!text.trim()}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M12 19V5m0 0-6 6m6-6 6 6" fill="none" stroke="currentColor" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round" />
        </svg>
      </button>
    </form>
  );
}
