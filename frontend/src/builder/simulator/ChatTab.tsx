import { Alert, Button, Group, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "../../api/client";
import { useBuilderActions } from "../actions-context";
import { currentWidget, isPossible } from "../core/simulation";
import { HttpForm } from "./HttpForm";
import { SaveTest } from "./SaveTest";
import { StartForm } from "./StartForm";
import type { Simulator } from "./useSimulator";

type Props = { simulator: Simulator; onRestart: () => void };

/** The simulated conversation, and everything that may happen to it next. */
export function ChatTab({ simulator, onRestart }: Props) {
  const { simulation, busy, error, take } = simulator;
  const actions = useBuilderActions();
  const log = useRef<HTMLOListElement>(null);
  const count = simulation?.lines.length ?? 0;

  useEffect(() => {
    log.current?.scrollTo({ top: log.current.scrollHeight });
  }, [count]);

  const refusal = error && (
    <Alert color="clay" variant="light" role="alert" title="The flow cannot go on">
      {error.message}
      {error instanceof ApiError && error.code === 81022 && " The problems panel lists what is wrong."}
    </Alert>
  );
  if (!simulation?.session) {
    return (
      <>
        {refusal}
        <StartForm busy={busy} onBegin={simulator.begin} />
      </>
    );
  }
  const { session, now } = simulation;
  const current = currentWidget(simulation);
  const ended = session.status === "ended";
  return (
    <>
      <p className="simulator__state">
        {ended ? (
          "Ended"
        ) : (
          <>
            At{" "}
            <button type="button" className="textlink" onClick={() => current !== null && actions.jumpTo(current)}>
              {current}
            </button>
          </>
        )}
        <time dateTime={now} title="The virtual clock, UTC">
          {now.replace("T", " ").replace("Z", "")}
        </time>
      </p>
      <ol ref={log} className="simulator__log" role="log" aria-label="Simulated messages" tabIndex={-1}>
        {simulation.lines.map((line, index) => (
          <li key={index} className={`simulator__line simulator__line--${line.kind}`}>
            {line.kind === "in" && <span className="visually-hidden">Customer: </span>}
            {line.kind === "out" && <span className="visually-hidden">Flow: </span>}
            {line.text || "(empty)"}
          </li>
        ))}
      </ol>
      {refusal}
      {isPossible(simulation, "http") && (
        <HttpForm
          key={`${session.current}-${session.wait?.ref}`}
          request={simulation.asks}
          busy={busy}
          onAnswer={(answer, keep) => simulator.answerCall(session.current ?? "", answer, keep)}
        />
      )}
      <Group gap={6} className="simulator__world">
        {isPossible(simulation, "handOff") && (
          <>
            <Button size="compact-xs" variant="light" disabled={busy} onClick={() => take({ type: "handOff", done: true })}>
              Agents are done
            </Button>
            <Button size="compact-xs" variant="light" color="clay" disabled={busy} onClick={() => take({ type: "handOff", done: false })}>
              Hand-over fails
            </Button>
          </>
        )}
        {isPossible(simulation, "return") && (
          <Button size="compact-xs" variant="light" disabled={busy} onClick={() => take({ type: "return" })}>
            Redirect comes back
          </Button>
        )}
        {isPossible(simulation, "timeout") && (
          <Button size="compact-xs" variant="light" disabled={busy} onClick={() => take({ type: "timeout" })}>
            Let time run out
          </Button>
        )}
        {isPossible(simulation, "undelivered") && (
          <Button size="compact-xs" variant="light" disabled={busy} onClick={() => take({ type: "undelivered" })}>
            Not delivered
          </Button>
        )}
        {isPossible(simulation, "stop") && (
          <Button size="compact-xs" variant="subtle" color="gray" disabled={busy} onClick={() => take({ type: "stop" })}>
            Stop
          </Button>
        )}
      </Group>
      {isPossible(simulation, "say") && <Composer busy={busy} onSay={(text) => take({ type: "say", text })} />}
      <Group gap={8} justify="space-between">
        <SaveTest simulation={simulation} />
        {ended && (
          <Button size="xs" variant="default" onClick={onRestart}>
            Start anew
          </Button>
        )}
      </Group>
    </>
  );
}

function Composer({ busy, onSay }: { busy: boolean; onSay: (text: string) => void }) {
  const [text, setText] = useState("");
  return (
    <form
      className="simulator__composer"
      onSubmit={(event) => {
        event.preventDefault();
        if (busy || !text.trim()) return;
        onSay(text);
        setText("");
      }}
    >
      <TextInput size="xs" aria-label="Message to the flow" placeholder="Write as the customer" value={text} onChange={(event) => setText(event.currentTarget.value)} />
      <Button type="submit" size="xs" loading={busy}>
        Send
      </Button>
    </form>
  );
}
