import { Button, Checkbox, Group, NumberInput, Textarea } from "@mantine/core";
import { useState } from "react";

import type { Command, HttpAnswer } from "../core/simulation";

type Props = { request: Command | null; busy: boolean; onAnswer: (answer: HttpAnswer, keep: boolean) => void; live: boolean; onLive: (live: boolean) => void; onCall: () => void };

/** A widget calls out: what shall the endpoint answer? Or shall it really be called? */
export function HttpForm({ request, busy, onAnswer, live, onLive, onCall }: Props) {
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
      <Checkbox size="xs" label="Really call whatever is asked, from now on" checked={live} onChange={(event) => onLive(event.currentTarget.checked)} />
      <Group gap={8}>
        <Button type="submit" size="xs" loading={busy}>
          Answer
        </Button>
        <Button size="xs" variant="default" disabled={busy} onClick={() => onAnswer({ error: "unreachable" }, keep)}>
          No answer
        </Button>
        <Button size="xs" variant="light" disabled={busy} onClick={onCall}>
          Really call
        </Button>
      </Group>
    </form>
  );
}
