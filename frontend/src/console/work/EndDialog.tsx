import { Alert, Button, Modal, Text } from "@mantine/core";
import { useState } from "react";

import { ApiError } from "../../api/client";
import type { Held, Model } from "../core/model";
import { drafts } from "../core/storage";
import { customerName, transcriptOf } from "../core/tasks";
import { useDesk } from "../DeskContext";
import { work, type Work } from "./api";
import { colleaguesOf, pendingOf } from "./core";

type Props = {
  opened: boolean;
  task: Held;
  model: Model;
  work: Work | undefined;
  onClose: () => void;
  /** The conversation has ended, the task is being wrapped up. */
  onEnded: () => Promise<void>;
  /** The task is done with. */
  onGone: () => Promise<void>;
};

/** Ending is for good, so it is confirmed: what is lost by it, who else is there, and what comes next. */
export function EndDialog({ opened, task, model, work: around, onClose, onEnded, onGone }: Props) {
  const { answer } = useDesk();
  const [busy, setBusy] = useState<"end" | "complete" | null>(null);
  const [refused, setRefused] = useState<{ message: string; agents: string[] } | null>(null);
  const colleagues = refused?.agents.length ? refused.agents : colleaguesOf(around);
  const pending = pendingOf(around);
  const talks = task.conversation !== null && task.conversation.state !== "closed";
  const doubt = talks && task.conversation ? reasonToWait(task.conversation.sid, transcriptOf(model, task.conversation.sid)) : null;
  const mayComplete = !around || around.rules.mode === "optional";

  const close = () => {
    setRefused(null);
    onClose();
  };
  const end = async (andComplete: boolean) => {
    setBusy(andComplete ? "complete" : "end");
    try {
      if (talks) await work.end(task.sid, colleagues.length > 0);
      else await answer(task, andComplete ? "completed" : "wrapping");
      if (talks && andComplete) await work.complete(task.sid);
      setRefused(null);
      onClose();
      await (andComplete ? onGone() : onEnded());
    } catch (error) {
      const details = error instanceof ApiError ? (error.details as { agents?: string[] } | null) : null;
      setRefused({ message: error instanceof Error ? error.message : "Try again.", agents: details?.agents ?? [] });
    } finally {
      setBusy(null);
    }
  };

  return (
    <Modal opened={opened} onClose={close} title={talks ? "End this conversation?" : "Finish this task?"}>
      {refused && (
        <Alert color="clay" variant="light" role="alert" mb="sm" title="Not ended">
          {refused.message}
        </Alert>
      )}
      {talks && (
        <Text size="sm">
          It closes for {customerName(task)} too; whatever the customer writes later begins a new one. To let a colleague go on, transfer it; to wait for the
          customer, park it.
        </Text>
      )}
      {colleagues.length > 0 && (
        <Alert color="amber" variant="light" mt="sm">
          {colleagues.join(", ")} is in this conversation too, and would be put out of it. To go alone, choose Leave.
        </Alert>
      )}
      {pending && !pending.has_joined && (
        <Alert color="amber" variant="light" mt="sm">
          {pending.to_name} has been asked to come. The invitation is taken back.
        </Alert>
      )}
      {doubt && (
        <Alert color="amber" variant="light" mt="sm">
          {doubt}
        </Alert>
      )}
      <div className="buttons">
        <Button variant="default" onClick={close} data-autofocus>
          {talks ? "Go on chatting" : "Cancel"}
        </Button>
        <Button variant={mayComplete ? "default" : "filled"} loading={busy === "end"} disabled={busy !== null} onClick={() => void end(false)}>
          {talks ? (colleagues.length ? "End for everybody" : "End and wrap up") : "Wrap up"}
        </Button>
        {mayComplete && (
          <Button loading={busy === "complete"} disabled={busy !== null} onClick={() => void end(true)}>
            {talks ? "End and complete" : "Complete"}
          </Button>
        )}
      </div>
    </Modal>
  );
}

/** What would be lost by closing the conversation now, in a sentence; null: nothing. */
function reasonToWait(conversationSid: string, transcript: ReturnType<typeof transcriptOf>): string | null {
  if (transcript.outgoing.length) return "A message of yours has not been sent yet. The customer will not get it.";
  if (drafts.read(conversationSid).trim()) return "You have begun a message. The customer will not get it.";
  if (transcript.loaded && !transcript.hasOlder && !transcript.messages.some((message) => message.source === "agent")) {
    return "The customer has not had an answer from a person yet.";
  }
  return null;
}
