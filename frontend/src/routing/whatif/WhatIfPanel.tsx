import { Alert, Button, Group, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useLocation } from "react-router";

import { api } from "../../api/client";
import type { JsonObject } from "../../api/types";
import { PanelHead } from "../../app/PanelHead";
import { EmptyState, LoadingState } from "../../app/states";
import { inFormsWords } from "../../core/refusals";
import { placeOf } from "../api";
import { configurationOf, draftOf, draftProblems, type Draft } from "../core/workflow";
import { NAMES } from "../names";
import type { Routing, WhatIf } from "../types";
import { ConfigurationEditor } from "../workflows/ConfigurationEditor";
import { Comparison } from "./Comparison";
import { localText, PERIODS, periodProblem } from "./period";

type Handed = { workflow_sid: string; configuration: JsonObject };

/** What a changed workflow would have done with the tasks of a past period. */
export function WhatIfPanel({ routing }: { routing: Routing }) {
  const handed = useLocation().state as Handed | null;
  const first = routing.workflows.find(({ sid }) => sid === handed?.workflow_sid) ?? routing.workflows[0];
  if (!first) return <EmptyState title="No workflow to try">Make a workflow first; then its changes can be tried on past tasks.</EmptyState>;
  return <Bench routing={routing} first={first.sid} configuration={handed?.configuration ?? first.configuration} />;
}

function Bench({ routing, first, configuration }: { routing: Routing; first: string; configuration: JsonObject }) {
  const [workflow, setWorkflow] = useState(first);
  const [draft, setDraft] = useState<Draft>(() => draftOf(configuration));
  const [version, setVersion] = useState(0);
  const [isJsonWrong, setJsonWrong] = useState(false);
  const [hours, setHours] = useState<string>(PERIODS[0]!.value);
  const [own, setOwn] = useState({ start: "", end: "" });
  const [level, setLevel] = useState(20);
  const [shown, setShown] = useState(false);
  const result = useRef<HTMLDivElement>(null);
  const run = useMutation({
    mutationFn: (body: object) => api.post<WhatIf>("routing/what-if", body),
    onSuccess: () => setTimeout(() => result.current?.scrollIntoView({ block: "start", behavior: "smooth" })),
  });

  const choose = (sid: string) => {
    setWorkflow(sid);
    setDraft(draftOf(routing.workflows.find((one) => one.sid === sid)?.configuration ?? {}));
    setJsonWrong(false);
    setVersion(version + 1);
    run.reset();
  };
  const place = placeOf(run.error);
  const wrong = shown ? draftProblems(draft) : {};
  const problems = place && run.error ? { ...wrong, [place.path]: inFormsWords(run.error.message, NAMES) } : wrong;
  const period = hours === "own" ? own : null;
  const when = shown && period ? periodProblem(period.start, period.end) : null;
  const submit = () => {
    setShown(true);
    if (isJsonWrong || Object.keys(draftProblems(draft)).length > 0 || (period && periodProblem(period.start, period.end))) return;
    const end = period ? new Date(period.end) : new Date();
    const start = period ? new Date(period.start) : new Date(end.getTime() - Number(hours) * 3_600_000);
    run.mutate({ workflow_sid: workflow, configuration: configurationOf(draft), start: isoOf(start), end: isoOf(end), service_level_seconds: level });
  };

  return (
    <form
      aria-label="What-if"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <PanelHead>Plays the tasks of a past period again, with the agents who were there, by the rules below. Nothing is changed.</PanelHead>
      <div className="card routing__options">
        <Select label="Workflow" allowDeselect={false} searchable data={routing.workflows.map(({ sid, friendly_name }) => ({ value: sid, label: friendly_name }))} value={workflow} onChange={(sid) => sid && choose(sid)} />
        <Select label="Period" allowDeselect={false} data={[...PERIODS, { value: "own", label: "From … to …" }]} value={hours} onChange={(value) => {
          if (value === "own" && !own.start) setOwn({ start: localText(new Date(Date.now() - 86_400_000)), end: localText(new Date()) });
          setHours(value ?? PERIODS[0]!.value);
        }} />
        {hours === "own" && (
          <>
            <TextInput type="datetime-local" label="From" error={when ?? undefined} value={own.start} onChange={(event) => setOwn({ ...own, start: event.currentTarget.value })} />
            <TextInput type="datetime-local" label="To" value={own.end} onChange={(event) => setOwn({ ...own, end: event.currentTarget.value })} />
          </>
        )}
        <NumberInput label="Served in time means within (seconds)" min={1} max={86_400} allowDecimal={false} value={level} onChange={(value) => setLevel(Number(value) || 20)} />
      </div>
      <ConfigurationEditor key={version} draft={draft} routing={routing} problems={problems} readOnly={false} onJsonWrong={setJsonWrong} onChange={(next) => {
        setDraft(next);
        run.reset();
      }} />
      <Group mt="lg">
        <Button type="submit" loading={run.isPending}>
          Compare
        </Button>
      </Group>
      <div ref={result} aria-live="polite" className="what-if__result">
        {run.isPending && <LoadingState label="Playing the period again" />}
        {run.isError && (
          <Alert color="clay" variant="light" role="alert" title="Not compared">
            {inFormsWords(run.error.message, NAMES)}
          </Alert>
        )}
        {run.data && <Comparison result={run.data} />}
      </div>
    </form>
  );
}

function isoOf(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
