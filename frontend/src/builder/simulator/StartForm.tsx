import { Button, Select, TextInput } from "@mantine/core";
import { useState } from "react";

import { useBuilder } from "../context";
import type { Trigger } from "../core/simulation";
import { stateOf } from "../core/model";

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

type Props = { busy: boolean; onBegin: (trigger: Trigger) => void };

/** Who writes, where, and what: the beginning of a simulated conversation. */
export function StartForm({ busy, onBegin }: Props) {
  const definition = useBuilder((state) => state.history.present);
  const connected = new Set(stateOf(definition, definition.initial_state)?.transitions.filter((exit) => exit.next).map((exit) => exit.event));
  const [event, setEvent] = useState(TRIGGERS.find(({ value }) => connected.has(value))?.value ?? "incomingMessage");
  const [channel, setChannel] = useState("sms");
  const [from, setFrom] = useState("+15550001111");
  const [to, setTo] = useState("+15550002222");
  const [body, setBody] = useState("Hi");

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
        onBegin({ event, body, from: from.trim() || "+15550001111", to: to.trim() || "+15550002222" });
      }}
    >
      <p className="hint">Talk to the flow as it is on the canvas. It runs on the engine that customers meet; nothing is sent or stored.</p>
      <Select size="xs" label="Starts with" data={TRIGGERS} value={event} allowDeselect={false} onChange={(value) => setEvent(value ?? event)} />
      {!connected.has(event) && <p className="simulator__warning">The trigger leads nowhere for this: connect its exit first.</p>}
      <Select size="xs" label="Channel" data={CHANNELS.map(({ value, label }) => ({ value, label }))} value={channel} allowDeselect={false} onChange={choose} />
      <div className="simulator__pair">
        <TextInput size="xs" label="Contact" value={from} onChange={(change) => setFrom(change.currentTarget.value)} />
        <TextInput size="xs" label="Our address" value={to} onChange={(change) => setTo(change.currentTarget.value)} />
      </div>
      {event !== "incomingRequest" && <TextInput size="xs" label="First message" value={body} onChange={(change) => setBody(change.currentTarget.value)} />}
      <Button type="submit" size="xs" loading={busy}>
        Start conversation
      </Button>
    </form>
  );
}
