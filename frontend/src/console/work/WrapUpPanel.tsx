import { Alert, Button, Checkbox, Progress, Select, Text, Textarea, TextInput } from "@mantine/core";
import { IconCheck, IconClockPlus } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

import { ApiError } from "../../api/client";
import { useCommand } from "../commands/useCommands";
import { clockText } from "../core/format";
import type { Held } from "../core/model";
import { useDesk } from "../DeskContext";
import { useClient, useNow } from "../useConsole";
import { useWork, work, type Field, type Notes, type Values, type WrapUp } from "./api";
import { missingOf } from "./core";

type Props = { task: Held; clockSkew: number };

const SAVE_AFTER_MS = 700;

/** The talk is over; the agent notes what came of it, by the rules of the queue. */
export function WrapUpPanel({ task, clockSkew }: Props) {
  const { data, error } = useWork(task.sid);
  const { answer } = useDesk();
  if (data?.wrap_up) return <Form key={task.sid} task={task} wrapUp={data.wrap_up} clockSkew={clockSkew} />;
  // Tasks without a conversation have nothing to wrap up by rules; nor does anything wait for the rules to be read.
  return (
    <section className="wrapup" aria-label="Wrap-up">
      <div className="wrapup__head">
        <Text fw={650}>Wrapping up</Text>
        {error && (
          <Text size="sm" c="dimmed">
            {error.message}
          </Text>
        )}
      </div>
      {data && (
        <Button leftSection={<IconCheck size={16} stroke={2} aria-hidden />} onClick={() => void answer(task, "completed")}>
          Complete
        </Button>
      )}
    </section>
  );
}

function Form({ task, wrapUp: first, clockSkew }: Props & { wrapUp: WrapUp }) {
  const client = useClient();
  const desk = useDesk();
  const now = useNow(1_000) + clockSkew;
  const [wrapUp, setWrapUp] = useState(first);
  const [disposition, setDisposition] = useState(first.disposition);
  const [notes, setNotes] = useState(first.notes);
  const [values, setValues] = useState<Values>(first.values);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const saved = useRef(JSON.stringify({ disposition, notes, values }));
  const written: Notes = { disposition, notes, values };
  const text = JSON.stringify(written);

  useEffect(() => {
    if (text === saved.current || busy) return;
    // What is written is kept as it is written: the time may run out, or the browser close.
    const timer = setTimeout(() => {
      work.saveNotes(task.sid, JSON.parse(text) as Notes).then(
        () => (saved.current = text),
        (error: unknown) => setRefusal(error instanceof Error ? error.message : "Try again."),
      );
    }, SAVE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text, task.sid, busy]);

  const left = wrapUp.due_at ? Math.max(0, (Date.parse(wrapUp.due_at) - now) / 1_000) : null;
  const whole = wrapUp.due_at ? (Date.parse(wrapUp.due_at) - Date.parse(wrapUp.date_started)) / 1_000 : 0;
  const isLocked = wrapUp.mode === "timed_strict" && left !== null && left > 0;
  const missing = missingOf(wrapUp, disposition, values);

  const complete = async () => {
    setTried(true);
    if (isLocked || missing.length || busy) return;
    setBusy(true);
    setRefusal(null);
    try {
      await work.complete(task.sid, written);
      desk.leave(task);
      await client.refresh();
    } catch (error) {
      const gone = error instanceof ApiError && error.status === 404;
      setRefusal(gone ? "The task is over already." : error instanceof Error ? error.message : "Try again.");
      void client.refresh();
    } finally {
      setBusy(false);
    }
  };
  const extend = () =>
    work.extend(task.sid).then(setWrapUp, (error: unknown) => setRefusal(error instanceof Error ? error.message : "Try again."));
  useCommand("complete", () => void complete(), !busy);

  return (
    <form
      className="wrapup"
      aria-label="Wrap-up"
      onSubmit={(event) => {
        event.preventDefault();
        void complete();
      }}
    >
      <div className="wrapup__head">
        <Text fw={650}>Wrapping up</Text>
        {left === null ? (
          <Text size="sm" c="dimmed">
            {clockText((now - Date.parse(wrapUp.date_started)) / 1_000)}
          </Text>
        ) : (
          <Text size="sm" role="timer" aria-label={`${Math.ceil(left)} seconds left`} c={left < 10 ? "var(--fd-danger)" : "dimmed"}>
            {clockText(Math.ceil(left))} left
          </Text>
        )}
        {wrapUp.extension_seconds > 0 && wrapUp.due_at && !wrapUp.is_extended && (
          <Button size="compact-sm" variant="default" leftSection={<IconClockPlus size={14} aria-hidden />} onClick={() => void extend()}>
            {`Add ${clockText(wrapUp.extension_seconds)}`}
          </Button>
        )}
      </div>
      {left !== null && whole > 0 && <Progress className="wrapup__time" size="xs" value={(100 * left) / whole} color={left < 10 ? "clay" : "amber"} aria-label="Time left" />}
      <div className="wrapup__fields">
        {wrapUp.dispositions.length > 0 && (
          <Select
            label="Disposition"
            placeholder="What came of it"
            searchable
            selectFirstOptionOnChange
            clearable
            withAsterisk={wrapUp.needs_disposition && wrapUp.mode !== "optional"}
            data={wrapUp.dispositions}
            value={disposition || null}
            error={tried && missing.includes("Disposition") ? "Choose one." : undefined}
            onChange={(value) => setDisposition(value ?? "")}
          />
        )}
        {wrapUp.fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={values[field.name]}
            isMissing={tried && missing.includes(field.label)}
            isAsked={wrapUp.mode !== "optional"}
            onChange={(value) => setValues({ ...values, [field.name]: value })}
          />
        ))}
        <Textarea
          className="wrapup__notes" label="Notes" autosize minRows={1} maxRows={5} maxLength={10_000} dir="auto" value={notes}
          onChange={(event) => setNotes(event.currentTarget.value)}
        />
      </div>
      {refusal && (
        <Alert className="wrapup__refusal" color="clay" variant="light" role="alert" title="Not completed">
          {refusal}
        </Alert>
      )}
      <div className="wrapup__foot">
        <Text size="xs" c="dimmed">
          {isLocked ? "It completes by itself when the time is over." : left !== null ? "When the time is over it completes by itself, with what is here." : "What you write is kept."}
        </Text>
        <Button type="submit" loading={busy} disabled={isLocked} leftSection={<IconCheck size={16} stroke={2} aria-hidden />}>
          Complete
        </Button>
      </div>
    </form>
  );
}

type FieldProps = { field: Field; value: string | boolean | undefined; isMissing: boolean; isAsked: boolean; onChange: (value: string | boolean) => void };

function FieldInput({ field, value, isMissing, isAsked, onChange }: FieldProps) {
  const shared = { label: field.label, withAsterisk: field.required && isAsked, error: isMissing ? "Fill this in." : undefined };
  if (field.type === "checkbox") {
    return (
      <Checkbox
        className="wrapup__check" label={field.required && isAsked ? `${field.label} *` : field.label} checked={value === true}
        error={isMissing ? "Tick this." : undefined} onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (field.type === "select") {
    return <Select {...shared} clearable data={field.options} value={typeof value === "string" && value ? value : null} onChange={(chosen) => onChange(chosen ?? "")} />;
  }
  return <TextInput {...shared} maxLength={2_000} value={typeof value === "string" ? value : ""} onChange={(event) => onChange(event.currentTarget.value)} />;
}
