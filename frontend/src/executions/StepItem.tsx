import { Button } from "@mantine/core";
import { IconArrowRight, IconRefresh } from "@tabler/icons-react";
import { useState } from "react";

import type { ExecutionStep, HttpExchange, JsonObject } from "../api/types";
import { Breakable } from "../app/Breakable";
import { fullTime } from "../core/time";
import { ExchangeView } from "./ExchangeView";
import { durationOf, durationText, valuesOf, type Value } from "./steps";
import { valueText, warningText } from "./text";
import { Empty, Tree } from "./Tree";

type Props = {
  step: ExecutionStep;
  context: JsonObject;
  exchanges: readonly HttpExchange[];
  /** Null where the execution cannot be run again from here. */
  onRetry: (() => void) | null;
};

/** One visit of a widget: its exit, what came in, what went out, what it set, and what was known after it. */
export function StepItem({ step, context, exchanges, onRetry }: Props) {
  const duration = durationOf(step);
  const count = Object.values(valuesOf(step.changes)).flat().length;
  return (
    <li className={`step ${step.parent_seq != null ? "step--inner" : ""}`} aria-label={`Step ${step.seq}, ${step.name}`}>
      <span className="step__dot" aria-hidden />
      <div className="step__head">
        <strong>{step.name}</strong>
        <span className="step__type">{step.type}</span>
        <span className="step__event">{step.event}</span>
        <IconArrowRight size={14} aria-label="leads to" />
        <span>{step.transitioned_to}</span>
        <span className="step__time">
          {duration !== null && <span title="From entering the widget to leaving it">{durationText(duration)} · </span>}
          <time dateTime={step.date_created} title={fullTime(step.date_created)}>
            {new Date(step.date_created).toLocaleTimeString("en-GB")}
          </time>
        </span>
      </div>
      {step.warnings.map((warning, index) => (
        <p key={index} className="step__warning">
          {warningText(warning)}
        </p>
      ))}
      {exchanges.map((exchange) => (
        <ExchangeView key={exchange.ref} exchange={exchange} />
      ))}
      {count > 0 && (
        <details>
          <summary>
            {count} {count === 1 ? "value" : "values"}
          </summary>
          <StepValues step={step} />
        </details>
      )}
      <div className="step__tools">
        <ContextAfter context={context} />
        {onRetry && (
          <Button size="compact-xs" variant="subtle" leftSection={<IconRefresh size={14} />} onClick={onRetry}>
            Retry from here
          </Button>
        )}
      </div>
    </li>
  );
}

/** What came in, what went out as it was rendered, and what was set. */
export function StepValues({ step }: { step: ExecutionStep }) {
  const { received, sent, set } = valuesOf(step.changes);
  return (
    <>
      <Values title="Received" values={received} />
      <Values title="Sent" values={sent} />
      <Values title="Set" values={set} />
    </>
  );
}

function Values({ title, values }: { title: string; values: readonly Value[] }) {
  if (values.length === 0) return null;
  return (
    <section aria-label={title}>
      <h4 className="values__title">{title}</h4>
      <dl className="values">
        {values.filter(({ value }) => value !== null).map(({ path, value }) => (
          <div key={path}>
            <dt>
              <Breakable text={path} />
            </dt>
            <dd>{valueText(value)}</dd>
          </div>
        ))}
      </dl>
      <Empty names={values.filter(({ value }) => value === null).map(({ path }) => path)} />
    </section>
  );
}

/** Drawn only when opened: contexts grow with each step. */
function ContextAfter({ context }: { context: JsonObject }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Context after this step</summary>
      {open && <Tree value={context} />}
    </details>
  );
}
