import "../../executions/executions.css";

import { ActionIcon, Group } from "@mantine/core";
import { IconArrowLeft, IconArrowRight, IconPlayerPause, IconPlayerPlay, IconPlayerSkipBack, IconPlayerSkipForward } from "@tabler/icons-react";
import { useEffect, useMemo, useState } from "react";

import type { ExecutionDetail } from "../../api/types";
import { ExchangeView } from "../../executions/ExchangeView";
import { StepValues } from "../../executions/StepItem";
import { contextsOf, durationOf, durationText, exchangesOf } from "../../executions/steps";
import { warningText } from "../../executions/text";
import { Tree } from "../../executions/Tree";
import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { executionTrace } from "../core/trace";
import { useUiStore } from "../ui";

const PLAY_MS = 1100;

/** The steps of a past execution: forward and back, with the values at the one that is looked at. */
export function StepsPanel({ execution }: { execution: ExecutionDetail }) {
  const ui = useUiStore();
  const actions = useBuilderActions();
  const definition = useBuilder((state) => state.history.present);
  const { steps } = execution;
  const own = useMemo(() => steps.filter((step) => step.parent_seq == null), [steps]);
  const contexts = useMemo(() => contextsOf(steps, execution.context), [steps, execution.context]);
  const exchanges = useMemo(() => exchangesOf(steps, execution.http), [steps, execution.http]);
  const [at, setAt] = useState(() => Math.max(0, own.length - 1));
  const step = own[at];
  const last = own.length - 1;
  const [playing, setPlaying] = useState(false);
  const goTo = (place: number) => {
    setPlaying(false);
    setAt(place);
  };

  // Played at a reader's pace, whatever time the steps took: waits of days are the rule.
  useEffect(() => {
    if (!playing) return;
    const timer = window.setTimeout(() => {
      if (at + 1 >= last) setPlaying(false);
      setAt(Math.min(last, at + 1));
    }, PLAY_MS);
    return () => window.clearTimeout(timer);
  }, [playing, at, last]);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || (event.target instanceof Element && event.target.closest("input, textarea"))) return;
      const place = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: last }[event.key];
      if (place === undefined || place < 0 || place > last) return;
      event.preventDefault();
      setPlaying(false);
      setAt(place);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [at, last]);

  useEffect(() => {
    const trace = executionTrace(definition, own, at);
    ui.getState().set({ trace });
    if (trace.current) actions.reveal([trace.current]);
  }, [definition, own, at, ui, actions]);

  if (!step) {
    return (
      <section className="replay" aria-label="Steps">
        <p className="hint">Not a step yet: the run has been accepted and starts in a moment.</p>
      </section>
    );
  }
  const duration = durationOf(step);
  return (
    <section className="replay" aria-label="Steps">
      <Group gap={4} wrap="nowrap">
        <ActionIcon variant="default" size={32} aria-label="First step" disabled={at === 0} onClick={() => goTo(0)}>
          <IconPlayerSkipBack size={16} />
        </ActionIcon>
        <ActionIcon variant="default" size={32} aria-label="Step back" disabled={at === 0} onClick={() => goTo(at - 1)}>
          <IconArrowLeft size={16} />
        </ActionIcon>
        <span className="replay__place" role="status">
          Step {at + 1} of {own.length}
        </span>
        <ActionIcon
          variant={playing ? "light" : "default"}
          size={32}
          aria-label={playing ? "Pause" : "Play"}
          disabled={last === 0}
          onClick={() => {
            if (!playing && at === last) setAt(0);
            setPlaying(!playing);
          }}
        >
          {playing ? <IconPlayerPause size={16} /> : <IconPlayerPlay size={16} />}
        </ActionIcon>
        <ActionIcon variant="default" size={32} aria-label="Step forward" disabled={at === last} onClick={() => goTo(at + 1)}>
          <IconArrowRight size={16} />
        </ActionIcon>
        <ActionIcon variant="default" size={32} aria-label="Last step" disabled={at === last} onClick={() => goTo(last)}>
          <IconPlayerSkipForward size={16} />
        </ActionIcon>
      </Group>
      <ol className="replay__steps">
        {own.map((one, index) => (
          <li key={one.sid || one.seq}>
            <button type="button" className="replay__step" aria-current={index === at ? "step" : undefined} onClick={() => goTo(index)}>
              <strong>{one.name}</strong> <span className="step__event">{one.event}</span>
              {one.warnings.length > 0 && <span className="replay__warned">!</span>}
            </button>
          </li>
        ))}
        {execution.status === "active" && execution.current_widget && <li className="hint">Now waiting at {execution.current_widget}</li>}
      </ol>
      <div className="replay__values">
        <h2>
          {step.name} → {step.transitioned_to}
        </h2>
        {duration !== null && <p className="hint">Took {durationText(duration)}</p>}
        {at === last && execution.error && <p className="step__warning">{execution.error}</p>}
        {step.warnings.map((warning, index) => (
          <p key={index} className="step__warning">
            {warningText(warning)}
          </p>
        ))}
        {exchanges.has(step.seq) && <h3 className="visually-hidden">Calls</h3>}
        {(exchanges.get(step.seq) ?? []).map((exchange) => (
          <ExchangeView key={exchange.ref} exchange={exchange} />
        ))}
        <h3 className="visually-hidden">Values</h3>
        <StepValues step={step} />
        <h3 className="eyebrow">All it knew then</h3>
        <Tree value={contexts.get(step.seq) ?? {}} />
      </div>
    </section>
  );
}
