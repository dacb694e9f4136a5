import { Alert, Button, Group, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "../../api/client";
import { useBuilderActions } from "../actions-context";
import { partingOf, type Replay } from "../core/replaying";
import { currentWidget, isPossible, pathOf, type Simulation } from "../core/simulation";
import { useUi } from "../ui";
import { HttpForm } from "./HttpForm";
import { SaveTest } from "./SaveTest";
import { StartForm } from "./StartForm";
import type { Simulator } from "./useSimulator";

type Props = { simulator: Simulator; onRestart: () => void };

/** The simulated conversation, and everything that may happen to it next. */
export function ChatTab({ simulator, onRestart }: Props) {
  const { simulation, busy, error, take } = simulator;
  const actions = useBuilderActions();
  const log = useRef<HTMLDivElement>(null);
  const asked = useUi((state) => state.simulate);
  const startAt = asked?.kind === "start-at" ? asked.widget : "";
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
        <StartForm key={startAt} startAt={startAt} busy={busy} onBegin={simulator.begin} />
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
          <span>
            At{" "}
            <button type="button" className="textlink" onClick={() => current !== null && actions.jumpTo(current)}>
              {current}
            </button>
          </span>
        )}
        <time dateTime={now} title="The virtual clock, UTC">
          {now.replace("T", " ").replace("Z", "")}
        </time>
      </p>
      {/* It scrolls, so the keyboard has to reach it. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={log} className="simulator__log" role="log" aria-label="Simulated messages" tabIndex={0}>
        {simulation.lines.map((line, index) => (
          <p key={index} className={`simulator__line simulator__line--${line.kind}`}>
            {line.kind === "in" && <span className="visually-hidden">Customer: </span>}
            {line.kind === "out" && <span className="visually-hidden">Flow: </span>}
            {line.text || "(empty)"}
          </p>
        ))}
      </div>
      {refusal}
      {simulator.replay && !busy && <Comparison replay={simulator.replay} simulation={simulation} />}
      {isPossible(simulation, "http") && (
        <HttpForm
          key={`${session.current}-${session.wait?.ref}`}
          request={simulation.asks}
          busy={busy}
          live={simulator.live}
          onLive={simulator.setLive}
          onCall={simulator.callForReal}
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

/** Whether the draft takes the way that the execution took. */
function Comparison({ replay, simulation }: { replay: Replay; simulation: Simulation }) {
  const parting = partingOf(replay.path, pathOf(simulation));
  if (!parting) {
    return (
      <Alert color="petrol" variant="light" p="xs" role="status">
        The same way as then: {replay.path.length} {replay.path.length === 1 ? "widget" : "widgets"}.
      </Alert>
    );
  }
  return (
    <Alert color="amber" variant="light" p="xs" role="status">
      {parting.after === null ? "It begins otherwise" : `After ${parting.after} it goes another way`}: then {parting.then ?? "it ended"}, now {parting.now ?? "it ends"}.
    </Alert>
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
