import { Alert, Button, Loader, Modal, Text, Textarea } from "@mantine/core";
import { IconCheck, IconCircle, IconCircleX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import type { CannedReply } from "../../api/console-types";
import { useSession } from "../../app/session";
import { LoadingState } from "../../app/states";
import { newRef } from "../../core/refs";
import { requests } from "../api/requests";
import type { Held, Model } from "../core/model";
import { transcriptOf } from "../core/tasks";
import { fillIn, unfilled } from "../core/variables";
import { useDesk } from "../DeskContext";
import { useClient } from "../useConsole";
import { useRereadWork } from "./api";
import { filledStep, tasksOf, textsOf } from "./macros";

type Props = { reply: CannedReply; task: Held; model: Model; onClose: () => void };

/** Shows what a macro will do here, and does it when the agent says so. */
export function MacroDialog({ reply, task, model, onClose }: Props) {
  const sid = task.conversation?.sid ?? "";
  const conversation = useQuery({ queryKey: ["conversation", sid], queryFn: () => requests.readConversation(sid), staleTime: 60_000 });
  return (
    <Modal opened onClose={onClose} title={`Run /${reply.shortcode}`}>
      {conversation.isPending ? (
        <LoadingState label="Reading the conversation" />
      ) : (
        <Body reply={reply} task={task} model={model} attributes={conversation.data?.attributes ?? {}} onClose={onClose} />
      )}
    </Modal>
  );
}

function Body({ reply, task, model, attributes, onClose }: Props & { attributes: Parameters<typeof fillIn>[1]["conversation"] }) {
  const { user } = useSession();
  const client = useClient();
  const desk = useDesk();
  const reread = useRereadWork();
  const queries = useQueryClient();
  const fill = (text: string) => fillIn(text, { agentName: user.name || user.username, held: task, conversation: attributes });
  const [body, setBody] = useState(() => fill(reply.body));
  const [steps] = useState(() => reply.steps.map((step) => filledStep(step, fill)));
  const [ref] = useState(newRef);
  const [done, setDone] = useState(0);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const tasks = tasksOf({ reply, body, steps });
  const open = unfilled(textsOf(body, steps));
  const conversationSid = task.conversation?.sid ?? "";

  const run = async () => {
    setBusy(true);
    setRefusal(null);
    const seenIndex = transcriptOf(model, conversationSid).messages.at(-1)?.index;
    let at = done;
    try {
      // What was done already is not done again.
      for (const each of tasks.slice(done)) {
        await each.go({ reservationSid: task.sid, conversationSid, reply, body, steps, seenIndex }, `${ref}-${at}`);
        setDone((at += 1));
      }
      onClose();
      if (steps.at(-1)?.do === "park") desk.leave(task);
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : "Try again.");
    } finally {
      setBusy(false);
      void client.refresh();
      void reread();
      // It may have set attributes of the contact, which stand beside the chat.
      void queries.invalidateQueries({ queryKey: ["contacts"] });
    }
  };

  return (
    <form
      className="transfer"
      onSubmit={(event) => {
        event.preventDefault();
        void run();
      }}
    >
      {reply.body && (
        <Textarea
          label="Message" description="You can still change it." autosize minRows={2} maxRows={8} dir="auto" data-autofocus disabled={done > 0}
          value={body} onChange={(event) => setBody(event.currentTarget.value)}
        />
      )}
      <ol className="macro" aria-label="What it does">
        {tasks.map(({ label, detail }, at) => (
          <li key={at} className="macro__step">
            <Mark state={at < done ? "done" : at === done && busy ? "busy" : at === done && refusal ? "failed" : "waiting"} />
            <span className="macro__text">
              <strong>{label}</strong>
              {detail && <span dir="auto">{detail}</span>}
            </span>
          </li>
        ))}
      </ol>
      {open.length > 0 && (
        <Text size="sm" c="var(--fd-danger)" role="status">
          Nothing is known for {open.join(", ")}. {unfilled(body).length ? "Fill it in." : "Give the contact or the task what is missing, then run it again."}
        </Text>
      )}
      {refusal && (
        <Alert color="clay" variant="light" role="alert" title={done ? "Done in part" : "Not done"}>
          {refusal}
        </Alert>
      )}
      <div className="buttons">
        <Button variant="default" onClick={onClose}>
          {done ? "Leave the rest" : "Cancel"}
        </Button>
        <Button type="submit" data-autofocus={reply.body ? undefined : true} loading={busy} disabled={open.length > 0 || !tasks.length}>
          {done ? "Go on" : "Run"}
        </Button>
      </div>
    </form>
  );
}

function Mark({ state }: { state: "waiting" | "busy" | "done" | "failed" }) {
  if (state === "busy") return <Loader size={16} aria-label="Under way" />;
  if (state === "done") return <IconCheck size={17} className="macro__done" aria-label="Done" />;
  if (state === "failed") return <IconCircleX size={17} className="macro__failed" aria-label="Failed" />;
  return <IconCircle size={17} className="macro__waiting" aria-hidden />;
}
