import { useCallback, useEffect, useRef, useState } from "react";

import { api } from "../../api/client";
import { useBuilderStore } from "../context";
import { act, answerByItself, answered, eventOf, setVariable, startSimulation, type Action, type Answer, type HttpAnswer, type Simulation, type Trigger } from "../core/simulation";

export type Simulator = {
  simulation: Simulation | null;
  busy: boolean;
  error: Error | null;
  remembered: Readonly<Record<string, HttpAnswer>>;
  begin: (trigger: Trigger) => void;
  take: (action: Action) => void;
  /** Answer the call that a widget waits for; with `keep` the same answer is given from now on. */
  answerCall: (widget: string, answer: HttpAnswer, keep: boolean) => void;
  forget: (widget: string) => void;
  setVariable: (name: string, value: string) => void;
  reset: () => void;
};

/** Runs a simulation on what is on the canvas: the server's engine, one event at a time. */
export function useSimulator(): Simulator {
  const store = useBuilderStore();
  const [simulation, setSimulation] = useState<Simulation | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [remembered, setRemembered] = useState<Record<string, HttpAnswer>>({});
  const answers = useRef(remembered);
  const request = useRef<AbortController | null>(null);

  const run = useCallback(
    async (start: Simulation, first: Action) => {
      request.current?.abort();
      const controller = new AbortController();
      request.current = controller;
      setBusy(true);
      setError(null);
      let before = start;
      try {
        for (let action: Action | null = first; action; action = answerByItself(before, answers.current)) {
          const during = act(before, action);
          setSimulation(during);
          const { trigger, now, session } = during;
          const body = { definition: store.getState().history.present, event: eventOf(before, action), session, now, contact: trigger.from, channel: trigger.to };
          const answer = await api.post<Answer>("flows/simulate", body, { signal: controller.signal });
          before = answered(during, answer);
          setSimulation(before);
        }
      } catch (failure) {
        if (controller.signal.aborted) return;
        // What could not be sent has not happened.
        setSimulation(before.session ? before : null);
        setError(failure instanceof Error ? failure : new Error("The simulation stopped."));
      }
      setBusy(false);
    },
    [store],
  );

  useEffect(() => () => request.current?.abort(), []);

  const remember = (next: Record<string, HttpAnswer>) => {
    answers.current = next;
    setRemembered(next);
  };
  const take = (action: Action) => {
    if (simulation && !busy) void run(simulation, action);
  };
  return {
    simulation,
    busy,
    error,
    remembered,
    begin: (trigger) => void run(startSimulation(trigger, new Date()), { type: "begin" }),
    take,
    answerCall: (widget, answer, keep) => {
      if (keep) remember({ ...answers.current, [widget]: answer });
      take({ type: "http", answer });
    },
    forget: (widget) => remember(Object.fromEntries(Object.entries(answers.current).filter(([name]) => name !== widget))),
    setVariable: (name, value) => setSimulation((before) => before && setVariable(before, name, value)),
    reset: () => {
      request.current?.abort();
      setBusy(false);
      setError(null);
      setSimulation(null);
    },
  };
}
