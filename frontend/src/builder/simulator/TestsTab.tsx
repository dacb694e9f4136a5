import { ActionIcon, Alert, Button, Group, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconCircleCheckFilled, IconCircleDashed, IconCircleXFilled, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api } from "../../api/client";
import type { Json } from "../../api/types";
import { ErrorState, LoadingState } from "../../app/states";
import { valueText } from "../../executions/text";
import { useBuilder, useBuilderStore } from "../context";
import { coverageTrace, type Coverage } from "../core/trace";
import { useUiStore } from "../ui";

type Test = { sid: string; name: string; author: string };
type Result = {
  test_sid?: string;
  id: string;
  passed: boolean;
  differences: { what: string; expected: Json; actual: Json }[];
};
type Run = { passed: number; failed: number; results: Result[]; coverage: Coverage };

/** The tests kept with the flow; a run plays them on the canvas and paints what they visit. */
export function TestsTab() {
  const store = useBuilderStore();
  const ui = useUiStore();
  const client = useQueryClient();
  const sid = useBuilder((state) => state.meta.sid);
  const key = ["flow-tests", sid];
  const query = useQuery({ queryKey: key, queryFn: () => api.get<{ tests: Test[] }>(`flows/${sid}/tests`) });
  const run = useMutation({
    mutationFn: async () => {
      const definition = store.getState().history.present;
      const answer = await api.post<Run>(`flows/${sid}/tests/run`, { definition });
      ui.getState().set({
        trace: coverageTrace(definition, answer.coverage),
        announcement: `${answer.passed} passed, ${answer.failed} failed`,
      });
      return answer;
    },
  });
  const remove = useMutation({
    mutationFn: (test: Test) => api.delete(`flows/${sid}/tests/${test.sid}`),
    onSuccess: () => client.invalidateQueries({ queryKey: key }),
  });

  if (query.isPending) return <LoadingState label="Reading the tests" />;
  if (query.isError) return <ErrorState title="The tests cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { tests } = query.data;
  if (tests.length === 0) {
    return <p className="hint">No tests yet. Talk to the flow under Chat and choose “Save as test”: the same conversation can then be played after every change.</p>;
  }
  const askToRemove = (test: Test) =>
    modals.openConfirmModal({
      title: `Delete the test “${test.name}”?`,
      children: <Text size="sm">The flow itself is not changed.</Text>,
      labels: { confirm: "Delete test", cancel: "Keep it" },
      confirmProps: { color: "clay" },
      onConfirm: () => remove.mutate(test),
    });
  const error = run.error ?? remove.error;
  return (
    <>
      <Group justify="space-between">
        <Button size="xs" loading={run.isPending} onClick={() => run.mutate()}>
          Run all
        </Button>
        {run.data && (
          <strong role="status">
            {run.data.passed} passed, {run.data.failed} failed
          </strong>
        )}
      </Group>
      {error && (
        <Alert color="clay" variant="light" mt="sm" role="alert" title="This did not work">
          {error.message}
        </Alert>
      )}
      <ul className="simulator__tests" aria-label="Tests">
        {tests.map((test) => (
          <TestRow key={test.sid} test={test} result={run.data?.results.find((one) => one.test_sid === test.sid)} onRemove={() => askToRemove(test)} />
        ))}
      </ul>
      {run.data && <CoverageView coverage={run.data.coverage} />}
    </>
  );
}

function TestRow({ test, result, onRemove }: { test: Test; result: Result | undefined; onRemove: () => void }) {
  return (
    <li>
      <div className="simulator__test">
        {!result ? (
          <IconCircleDashed size={17} aria-label="Not run" />
        ) : result.passed ? (
          <IconCircleCheckFilled size={17} className="simulator__passed" aria-label="Passed" />
        ) : (
          <IconCircleXFilled size={17} className="simulator__failed" aria-label="Failed" />
        )}
        <span title={`Saved by ${test.author}`}>{test.name}</span>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`Delete the test ${test.name}`} onClick={onRemove}>
          <IconTrash size={14} />
        </ActionIcon>
      </div>
      {result?.differences.map((difference, index) => (
        <dl key={index} className="simulator__difference">
          <dt>{difference.what}</dt>
          <dd>
            expected <code>{valueText(difference.expected)}</code>, got <code>{valueText(difference.actual)}</code>
          </dd>
        </dl>
      ))}
    </li>
  );
}

function CoverageView({ coverage: { widgets, transitions } }: { coverage: Coverage }) {
  const ui = useUiStore();
  return (
    <>
      <h3 className="eyebrow">Coverage</h3>
      <p className="hint">
        {widgets.visited} of {widgets.total} widgets, {transitions.visited} of {transitions.total} exits. What no test visits is faint on the canvas.
      </p>
      <Button size="compact-xs" variant="subtle" onClick={() => ui.getState().set({ trace: null })}>
        Take it off the canvas
      </Button>
    </>
  );
}
