import { Alert, Button, Group, Modal, Text, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { useBuilder, useBuilderStore } from "../context";
import { diffOf, isEmpty } from "../core/diff";
import { asDefinition } from "../core/model";
import { problemCount } from "../ProblemsPanel";
import { useRevision } from "../revisions";
import { publish, publishErrors, saveDraft } from "../saving";
import { useUi, useUiStore } from "../ui";
import { ChangeList } from "./ChangeList";

const REASON = "publish-reason";

/** Publish with a message, after a look at what changes; errors stand in its way and lead to the widgets they belong to. */
export function PublishDialog() {
  const open = useUi((state) => state.dialog === "publish");
  const ui = useUiStore();
  const close = () => ui.getState().set({ dialog: null });
  return (
    <Modal opened={open} onClose={close} title="Publish this flow" size="lg">
      {open && <Body onDone={close} />}
    </Modal>
  );
}

function Body({ onDone }: { onDone: () => void }) {
  const store = useBuilderStore();
  const ui = useUiStore();
  const client = useQueryClient();
  const navigate = useNavigate();
  const meta = useBuilder((state) => state.meta);
  const definition = useBuilder((state) => state.history.present);
  const problems = useBuilder((state) => state.problems);
  const [message, setMessage] = useState("");
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const published = useRevision(meta.sid, meta.publishedRevision);
  const before = published.data ? asDefinition(published.data.definition) : null;
  const difference = before ? diffOf(before, definition) : null;

  async function submit() {
    if (errors > 0) {
      setTried(true);
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      const flow = await publish(store, message.trim());
      notifications.show({ color: "petrol", title: "Published", message: `Revision ${flow.published_revision ?? flow.revision} answers customers from now on.` });
      void client.invalidateQueries({ queryKey: ["flows"] });
      onDone();
    } catch (error) {
      const found = publishErrors(error);
      if (found) {
        store.getState().setProblems([...found, ...problems.filter((problem) => problem.severity === "warning")]);
        ui.getState().set({ problemsOpen: true });
      }
      setFailure(error instanceof Error ? error.message : "Publishing did not work.");
    } finally {
      setBusy(false);
    }
  }

  async function compareOnCanvas() {
    await saveDraft(store);
    onDone();
    void navigate(`/flows/${meta.sid}?compare=${meta.publishedRevision}..${store.getState().meta.revision}`);
  }

  const showProblems = (
    <button
      type="button"
      className="textlink"
      onClick={() => {
        ui.getState().set({ problemsOpen: true });
        onDone();
      }}
    >
      Show them at the widgets
    </button>
  );

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Text size="sm" c="dimmed" mb="md">
        New conversations follow the published revision at once. Conversations under way finish on the revision they started with.
      </Text>
      {failure && (
        <Alert color="clay" variant="light" mb="md" role="alert" title="Not published">
          <span id={REASON}>{failure}</span> {errors > 0 && showProblems}
        </Alert>
      )}
      {problems.length > 0 && !failure && (
        <Alert color={errors ? "clay" : "amber"} variant="light" mb="md" {...(tried && errors > 0 ? { role: "alert", title: "Not published" } : {})}>
          <span id={REASON}>
            {problemCount(errors, problems.length - errors)}. {errors ? "Errors have to be repaired first." : "Warnings do not stop you."}
          </span>{" "}
          {showProblems}
        </Alert>
      )}
      <h3 className="eyebrow">{meta.publishedRevision === null ? "First publication" : `Since revision ${meta.publishedRevision}`}</h3>
      <div className="changes-box">
        {meta.publishedRevision === null && <p className="hint">{definition.states.length} widgets.</p>}
        {published.isLoading && <p className="hint">Comparing…</p>}
        {published.isError && <p className="hint">The published revision could not be read, so there is no comparison.</p>}
        {difference && (isEmpty(difference) ? <p className="hint">Nothing but positions has changed.</p> : <ChangeList difference={difference} />)}
      </div>
      {difference && !isEmpty(difference) && (
        <button type="button" className="textlink" onClick={() => void compareOnCanvas()}>
          Show the changes on the canvas
        </button>
      )}
      <Textarea
        data-autofocus
        mt="md"
        label="Commit message"
        description="What changed and why, for those who read the history."
        autosize
        minRows={2}
        value={message}
        onChange={(event) => setMessage(event.currentTarget.value)}
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        {/* Not `disabled`: whoever comes to it by the keyboard is told why. */}
        <Button type="submit" loading={busy} data-disabled={errors > 0 || undefined} aria-disabled={errors > 0} aria-describedby={errors > 0 ? REASON : undefined}>
          Publish flow
        </Button>
      </Group>
    </form>
  );
}
