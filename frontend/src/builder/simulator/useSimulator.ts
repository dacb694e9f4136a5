import { useCallback, useEffect, useRef, useState } from "react";

import { api } from "../../api/client";
import type { ExecutionDetail } from "../../api/types";
import { useBuilderStore } from "../context";
import { nextInput, replayOf, type Input, type Replay } from "../core/replaying";
import { act, answerByItself, answered, eventOf, isPossible, setVariable, startSimulation, type Action, type Answer, type From, type HttpAnswer, type Simulation, type Trigger } from "../core/simulation";

export type Simulator = {
  simulation: Simulation | null;
  busy: boolean;
  error: Error | null;
  remembered: Readonly<Record<string, HttpAnswer>>;
  /** The past execution whose inputs are done again. */
  replay: Replay | null;
  begin: (trigger: Trigger, from?: From | null) => void;
  /** Do again what happened to a past execution, on what is on the canvas now. */
  repeat: (execution: ExecutionDetail) => void;
  take: (action: Action) => void;
  /** Answer the call that a widget waits for; with `keep` the same answer is given from now on. */
  answerCall: (widget: string, answer: HttpAnswer, keep: boolean) => void;
  /** Make the call that is waited for, in truth. */
  callForReal: () => void;
  /** Whether calls are made in truth without asking. */
  live: boolean;
  setLive: (live: boolean) => void;
  forget: (widget: string) => void;
  setVariable: (name: string, value: string) => void;
  reset: () => void;
};

type CallAnswer = { status_code: number; content_type: string; body: string } | { error: string };

/** Make the call that a simulation waits for, from the server, and answer it with what came back. */
async function called(simulation: Simulation, signal?: AbortSignal): Promise<Action | null> {
  if (!isPossible(simulation, "http") || !simulation.asks) return null;
  const answer = await api.post<CallAnswer>("flows/simulate/call", { command: simulation.asks }, { signal });
  return { type: "http", answer: "error" in answer ? answer : { status: answer.status_code, body: answer.body } };
}

/** The next of a past execution's inputs, taken off the list. */
function byInput(simulation: Simulation, inputs: { current: Input[] }): Action | null {
  const next = nextInput(simulation, inputs.current);
  if (next) inputs.current = inputs.current.filter((input) => input !== next);
  return next?.action ?? null;
}

/** Runs a simulation on what is on the canvas: the server's engine, one event at a time. */
export function useSimulator(): Simulator {
  const store = useBuilderStore();
  const [simulation, setSimulation] = useState<Simulation | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [remembered, setRemembered] = useState<Record<string, HttpAnswer>>({});
  const [replay, setReplay] = useState<Replay | null>(null);
  const answers = useRef(remembered);
  const inputs = useRef<Input[]>([]);
  const [live, setLive] = useState(false);
  const isLive = useRef(live);
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
        const goOn = async () => byInput(before, inputs) ?? answerByItself(before, answers.current) ?? (isLive.current ? await called(before, controller.signal) : null);
        for (let action: Action | null = first; action; action = await goOn()) {
          const during = act(before, action);
          setSimulation(during);
          const { trigger, now, session } = during;
          const beginning = action.type === "begin" && start.from ? { start_at: start.from.widget, context: start.from.context } : { event: eventOf(before, action) };
          const body = { definition: store.getState().history.present, ...beginning, session, now, contact: trigger.from, channel: trigger.to };
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
    replay,
    begin: (trigger, from = null) => {
      inputs.current = [];
      setReplay(null);
      void run(startSimulation(trigger, new Date(), from), { type: "begin" });
    },
    repeat: (execution) => {
      const again = replayOf(execution);
      inputs.current = [...again.inputs];
      setReplay(again);
      void run(startSimulation(again.trigger, new Date(again.began), again.from), { type: "begin" });
    },
    take,
    answerCall: (widget, answer, keep) => {
      if (keep) remember({ ...answers.current, [widget]: answer });
      take({ type: "http", answer });
    },
    callForReal: () => {
      if (!simulation || busy) return;
      setBusy(true);
      called(simulation).then(
        (action) => {
          if (action) void run(simulation, action);
        },
        (failure: unknown) => {
          setBusy(false);
          setError(failure instanceof Error ? failure : new Error("The call could not be made."));
        },
      );
    },
    live,
    setLive: (next) => {
      isLive.current = next;
      setLive(next);
    },
    forget: (widget) => remember(Object.fromEntries(Object.entries(answers.current).filter(([name]) => name !== widget))),
    setVariable: (name, value) => setSimulation((before) => before && setVariable(before, name, value)),
    reset: () => {
      request.current?.abort();
      setBusy(false);
      setError(null);
      setSimulation(null);
      setReplay(null);
      inputs.current = [];
    },
  };
}
