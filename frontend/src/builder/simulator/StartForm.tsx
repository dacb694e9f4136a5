import { Button, Checkbox, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import { useBuilder } from "../context";
import { timeAgo } from "../../core/time";
import { contextAt, useSample } from "../sample";
import type { From, Trigger } from "../core/simulation";
import { keysOf, stateOf } from "../core/model";

const CHANNELS = [
  { value: "sms", label: "SMS", from: "+15550001111", to: "+15550002222" },
  { value: "whatsapp", label: "WhatsApp", from: "whatsapp:+15550001111", to: "whatsapp:+15550002222" },
  { value: "messenger", label: "Messenger", from: "messenger:15550001111", to: "messenger:15550002222" },
  { value: "chat", label: "Web chat", from: "visitor", to: "web-chat" },
];
const TRIGGERS = [
  { value: "incomingMessage", label: "Incoming message" },
  { value: "incomingConversationMessage", label: "Incoming conversation message" },
  { value: "incomingRequest", label: "Request (REST API)" },
];

type Props = {
  busy: boolean;
  /** The widget to begin at; "" for the trigger. */
  startAt: string;
  onBegin: (trigger: Trigger, from: From | null) => void;
};

/** Who writes, where, and what: the beginning of a simulated conversation. */
export function StartForm({ busy, startAt, onBegin }: Props) {
  const definition = useBuilder((state) => state.history.present);
  const connected = new Set(stateOf(definition, definition.initial_state)?.transitions.filter((exit) => exit.next).map((exit) => exit.event));
  const [event, setEvent] = useState(TRIGGERS.find(({ value }) => connected.has(value))?.value ?? "incomingMessage");
  const [channel, setChannel] = useState("sms");
  const [from, setFrom] = useState("+15550001111");
  const [to, setTo] = useState("+15550002222");
  const [body, setBody] = useState("Hi");
  const [at, setAt] = useState(startAt);
  const [known, setKnown] = useState(true);
  const sample = useSample(at);

  const choose = (value: string | null) => {
    const chosen = CHANNELS.find((entry) => entry.value === value);
    if (!chosen) return;
    setChannel(chosen.value);
    setFrom(chosen.from);
    setTo(chosen.to);
  };

  return (
    <form
      className="simulator__start"
      onSubmit={(submit) => {
        submit.preventDefault();
        const trigger = { event, body, from: from.trim() || "+15550001111", to: to.trim() || "+15550002222" };
        onBegin(trigger, at ? { widget: at, context: known && sample ? contextAt(sample.context) : {} } : null);
      }}
    >
      <p className="hint">Talk to the flow as it is on the canvas. It runs on the engine that customers meet; nothing is sent or stored.</p>
      <Select
        size="xs"
        label="Begins at"
        searchable
        limit={60}
        data={[{ value: "", label: "The trigger" }, ...keysOf(definition).filter((key) => key !== definition.initial_state).map((key) => ({ value: key, label: key }))]}
        value={at}
        allowDeselect={false}
        onChange={(value) => setAt(value ?? "")}
      />
      {at && (
        <Checkbox
          size="xs"
          disabled={!sample}
          checked={known && sample !== null}
          label="Knowing what the last execution knew"
          description={sample ? `${sample.contact}, ${timeAgo(sample.date_created, new Date())}` : "No execution yet: it begins with nothing."}
          onChange={(change) => setKnown(change.currentTarget.checked)}
        />
      )}
      {!at && <Select size="xs" label="Starts with" data={TRIGGERS} value={event} allowDeselect={false} onChange={(value) => setEvent(value ?? event)} />}
      {!at && !connected.has(event) && <p className="simulator__warning">The trigger leads nowhere for this: connect its exit first.</p>}
      <Select size="xs" label="Channel" data={CHANNELS.map(({ value, label }) => ({ value, label }))} value={channel} allowDeselect={false} onChange={choose} />
      <div className="simulator__pair">
        <TextInput size="xs" label="Contact" value={from} onChange={(change) => setFrom(change.currentTarget.value)} />
        <TextInput size="xs" label="Our address" value={to} onChange={(change) => setTo(change.currentTarget.value)} />
      </div>
      {!at && event !== "incomingRequest" && <TextInput size="xs" label="First message" value={body} onChange={(change) => setBody(change.currentTarget.value)} />}
      <Button type="submit" size="xs" loading={busy}>
        Start conversation
      </Button>
    </form>
  );
}
