import "../../executions/executions.css";

import { Button, Group, TextInput } from "@mantine/core";
import { useState } from "react";

import { valueText } from "../../executions/text";
import { Tree } from "../../executions/Tree";
import { variablesOf } from "../core/simulation";
import type { Simulator } from "./useSimulator";

/** What the simulated execution knows; its variables can be set while it waits, and canned answers forgotten. */
export function VariablesTab({ simulator }: { simulator: Simulator }) {
  const { simulation, remembered } = simulator;
  const [name, setName] = useState("");
  const session = simulation?.session;
  const names = Object.keys(remembered);
  const variables = simulation ? variablesOf(simulation) : {};
  const editable = session?.status === "active" && session.frames.length === 0 && !simulator.busy;
  return (
    <>
      {!session ? (
        <p className="hint">Start a conversation to see what the flow knows.</p>
      ) : (
        <>
          <h3 className="eyebrow">Variables</h3>
          {Object.keys(variables).length === 0 && <p className="hint">The flow has set none yet.</p>}
          {Object.entries(variables).map(([key, value]) => (
            <TextInput
              key={key}
              size="xs"
              label={key}
              value={valueText(value)}
              readOnly={!editable}
              onChange={(event) => simulator.setVariable(key, event.currentTarget.value)}
            />
          ))}
          {editable && (
            <form
              className="simulator__composer"
              onSubmit={(event) => {
                event.preventDefault();
                if (name.trim() && !(name.trim() in variables)) simulator.setVariable(name.trim(), "");
                setName("");
              }}
            >
              <TextInput size="xs" aria-label="Name of a new variable" placeholder="New variable" value={name} onChange={(event) => setName(event.currentTarget.value)} />
              <Button type="submit" size="xs" variant="default">
                Add
              </Button>
            </form>
          )}
          <h3 className="eyebrow">All it knows</h3>
          <Tree value={session.context} />
        </>
      )}
      {names.length > 0 && (
        <>
          <h3 className="eyebrow">Remembered answers</h3>
          {names.map((widget) => {
            const answer = remembered[widget];
            return (
              <Group key={widget} justify="space-between" wrap="nowrap">
                <span>
                  {widget} <code>{answer && ("error" in answer ? "no answer" : answer.status)}</code>
                </span>
                <Button size="compact-xs" variant="subtle" color="gray" aria-label={`Forget the answer for ${widget}`} onClick={() => simulator.forget(widget)}>
                  Ask again
                </Button>
              </Group>
            );
          })}
        </>
      )}
    </>
  );
}
