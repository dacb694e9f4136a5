import { Alert, Button, Checkbox, Group, NumberInput, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconChevronLeft } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useBlocker, useNavigate } from "react-router";

import { NotSaved } from "../../app/NotSaved";
import { inFormsWords } from "../../core/refusals";
import { placeOf, useCanEdit, useSave } from "../api";
import { configurationOf, draftOf, draftProblems, type Draft } from "../core/workflow";
import { NAMES } from "../names";
import type { Routing, Workflow } from "../types";
import { ConfigurationEditor } from "./ConfigurationEditor";

type Props = { routing: Routing; workflow: Workflow | null };

/** One workflow: its name, how long an offer lasts, and its rules as cards or as JSON. */
export function WorkflowEditor({ routing, workflow }: Props) {
  const canEdit = useCanEdit();
  const navigate = useNavigate();
  const [name, setName] = useState(workflow?.friendly_name ?? "");
  const [timeout, setOfferTimeout] = useState<number | string>(workflow?.task_reservation_timeout ?? 120);
  const [callback, setCallback] = useState(workflow?.assignment_callback_url ?? "");
  const [fallback, setFallback] = useState(workflow?.fallback_assignment_callback_url ?? "");
  const [draft, setDraft] = useState<Draft>(() => draftOf(workflow?.configuration ?? { task_routing: { filters: [], default_filter: {} } }));
  const [reEvaluate, setReEvaluate] = useState(false);
  const [shown, setShown] = useState(false);
  const [isChanged, setChanged] = useState(false);
  const [isJsonWrong, setJsonWrong] = useState(false);
  const blocker = useBlocker(({ currentLocation, nextLocation }) => isChanged && currentLocation.pathname !== nextLocation.pathname && nextLocation.pathname !== "/routing/what-if");
  const save = useSave<Workflow>("workflows", workflow?.sid ?? null, (row) => {
    setChanged(false);
    setReEvaluate(false);
    notifications.show({ title: "Workflow saved", message: `${row.friendly_name} decides by these rules from now on.` });
    if (!workflow) setTimeout(() => void navigate(`/routing/workflows/${row.sid}`, { replace: true }));
  });

  const touch = () => {
    setChanged(true);
    save.reset();
  };
  const place = placeOf(save.error);
  const own = shown ? draftProblems(draft) : {};
  const problems = place && save.error ? { ...own, [place.path]: inFormsWords(save.error.message, NAMES) } : own;
  const submit = () => {
    setShown(true);
    if (!name.trim() || isJsonWrong || Object.keys(draftProblems(draft)).length > 0) return;
    save.mutate({
      friendly_name: name.trim(),
      configuration: configurationOf(draft),
      task_reservation_timeout: Number(timeout) || 120,
      assignment_callback_url: callback.trim(),
      fallback_assignment_callback_url: fallback.trim(),
      ...(workflow ? { re_evaluate_tasks: reEvaluate } : {}),
    });
  };
  const count = Object.keys(problems).length;

  return (
    <form
      className="workflow"
      aria-label={workflow ? `Workflow ${workflow.friendly_name}` : "New workflow"}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Link className="back" to="/routing/workflows">
        <IconChevronLeft size={16} aria-hidden /> Workflows
      </Link>
      <div className="workflow__head">
        <Title order={2} size="h3">
          {workflow?.friendly_name ?? "New workflow"}
        </Title>
        <Group gap="sm">
          {workflow && (
            <Button variant="default" disabled={isJsonWrong} onClick={() => void navigate("/routing/what-if", { state: { workflow_sid: workflow.sid, configuration: configurationOf(draft) } })}>
              Try in What-if
            </Button>
          )}
          {canEdit && (
            <Button type="submit" loading={save.isPending}>
              Save workflow
            </Button>
          )}
        </Group>
      </div>
      {blocker.state === "blocked" && (
        <Alert color="amber" variant="light" role="alert" title="Leave without saving?" mb="md">
          <Group gap="sm" mt={6}>
            <Button size="xs" color="clay" onClick={() => blocker.proceed()}>
              Leave, and lose the changes
            </Button>
            <Button size="xs" variant="default" onClick={() => blocker.reset()}>
              Stay
            </Button>
          </Group>
        </Alert>
      )}
      {count > 0 && (
        <Alert color="clay" variant="light" role="alert" title="Not saved" mb="md">
          {count === 1 ? Object.values(problems)[0] : `${count} places need a look; each says what is missing.`}
        </Alert>
      )}
      <NotSaved error={place ? null : save.error} names={NAMES} mb="md" />
      <div className="card workflow__facts">
        <TextInput
          label="Name"
          readOnly={!canEdit}
          error={shown && !name.trim() ? "Give the workflow a name." : undefined}
          value={name}
          onChange={(event) => {
            setName(event.currentTarget.value);
            touch();
          }}
        />
        <NumberInput
          label="An offer lasts (seconds)"
          description="Then the task goes to somebody else."
          inputWrapperOrder={["label", "input", "description", "error"]}
          min={1}
          max={86_400}
          allowDecimal={false}
          readOnly={!canEdit}
          value={timeout}
          onChange={(value) => {
            setOfferTimeout(value);
            touch();
          }}
        />
        <TextInput
          label="Assignment callback"
          placeholder="https:// (optional)"
          readOnly={!canEdit}
          value={callback}
          onChange={(event) => {
            setCallback(event.currentTarget.value);
            touch();
          }}
        />
        <TextInput
          label="Fallback callback"
          placeholder="https:// (optional)"
          readOnly={!canEdit}
          value={fallback}
          onChange={(event) => {
            setFallback(event.currentTarget.value);
            touch();
          }}
        />
      </div>
      <ConfigurationEditor
        draft={draft}
        routing={routing}
        problems={problems}
        readOnly={!canEdit}
        onJsonWrong={setJsonWrong}
        onChange={(next) => {
          setDraft(next);
          touch();
        }}
      />
      {workflow && canEdit && (
        <Checkbox
          mt="lg"
          label="Send the tasks that wait now through the changed rules"
          description="Otherwise they stay where they are, and the rules hold for new tasks."
          checked={reEvaluate}
          onChange={(event) => setReEvaluate(event.currentTarget.checked)}
        />
      )}
    </form>
  );
}
