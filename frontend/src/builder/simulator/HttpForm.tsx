import { Button, Checkbox, Group, NumberInput, Textarea } from "@mantine/core";
import { useState } from "react";

import type { Command, HttpAnswer } from "../core/simulation";

type Props = { request: Command | null; busy: boolean; onAnswer: (answer: HttpAnswer, keep: boolean) => void };

/** A widget calls out: what shall the endpoint answer? Nothing is really called. */
export function HttpForm({ request, busy, onAnswer }: Props) {
  const [status, setStatus] = useState<number | string>(200);
  const [body, setBody] = useState("{}");
  const [keep, setKeep] = useState(true);
  const number = Number(status);
  const valid = Number.isInteger(number) && number >= 100 && number <= 599;
  return (
    <form
      className="simulator__http"
      aria-label="Answer of the endpoint"
      onSubmit={(event) => {
        event.preventDefault();
        if (valid) onAnswer({ status: number, body }, keep);
      }}
    >
      <strong>
        {String(request?.method ?? "")} {String(request?.url ?? "")}
      </strong>
      {typeof request?.body === "string" && request.body !== "" && <pre>{request.body}</pre>}
      <NumberInput size="xs" label="Status" min={100} max={599} hideControls value={status} error={valid ? null : "100 to 599"} onChange={setStatus} />
      <Textarea size="xs" label="Body" rows={4} spellCheck={false} styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }} value={body} onChange={(event) => setBody(event.currentTarget.value)} />
      <Checkbox size="xs" label="Answer this widget the same from now on" checked={keep} onChange={(event) => setKeep(event.currentTarget.checked)} />
      <Group gap={8}>
        <Button type="submit" size="xs" loading={busy}>
          Answer
        </Button>
        <Button size="xs" variant="default" disabled={busy} onClick={() => onAnswer({ error: "unreachable" }, keep)}>
          No answer
        </Button>
      </Group>
    </form>
  );
}
