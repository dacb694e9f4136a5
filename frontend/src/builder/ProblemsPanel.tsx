import { ActionIcon, Button } from "@mantine/core";
import { IconAlertCircleFilled, IconAlertTriangleFilled, IconCircleCheck, IconX } from "@tabler/icons-react";

import { useBuilderActions } from "./actions-context";
import { useBuilder } from "./context";
import { fixesOf } from "./core/fixes";
import { fieldOf, type PlacedProblem } from "./core/problems";
import { useUi, useUiStore } from "./ui";

export function problemCount(errors: number, warnings: number): string {
  if (errors + warnings === 0) return "No problems";
  const parts = [
    errors ? `${errors} ${errors === 1 ? "error" : "errors"}` : "",
    warnings ? `${warnings} ${warnings === 1 ? "warning" : "warnings"}` : "",
  ];
  return parts.filter(Boolean).join(", ");
}

/** Everything the server's check found, errors first; each leads to its widget and field. */
export function ProblemsPanel() {
  const actions = useBuilderActions();
  const ui = useUiStore();
  const open = useUi((state) => state.problemsOpen);
  const problems = useBuilder((state) => state.problems);
  const checking = useBuilder((state) => state.checking);
  if (!open) return null;
  const sorted = [...problems].sort((a, b) => Number(a.severity !== "error") - Number(b.severity !== "error"));
  const errors = problems.filter((problem) => problem.severity === "error").length;

  return (
    <section className="problems" aria-label="Problems">
      <header className="problems__head">
        <strong>{problemCount(errors, problems.length - errors)}</strong>
        <span className="hint">{checking ? "Checking…" : errors ? "Errors block publishing; warnings do not." : ""}</span>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label="Close the problems" onClick={() => ui.getState().set({ problemsOpen: false })}>
          <IconX size={15} />
        </ActionIcon>
      </header>
      {sorted.length === 0 ? (
        <p className="problems__none">
          <IconCircleCheck size={18} aria-hidden /> Nothing stands in the way of publishing.
        </p>
      ) : (
        <ul>
          {sorted.map((problem, index) => (
            <li key={index} className="problems__entry">
              <button
                type="button"
                className="problems__row"
                disabled={problem.key === null}
                onClick={() => problem.key !== null && actions.jumpTo(problem.key, fieldOf(problem))}
              >
                {problem.severity === "error" ? (
                  <IconAlertCircleFilled className="outline__error" size={16} aria-label="Error" />
                ) : (
                  <IconAlertTriangleFilled className="outline__warning" size={16} aria-label="Warning" />
                )}
                <span className="problems__widget">{problem.key ?? "Flow"}</span>
                <span>{problem.message}</span>
              </button>
              <FixButtons problem={problem} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

/** Repairs that need no thought, each one step of the history. */
export function FixButtons({ problem }: { problem: PlacedProblem }) {
  const actions = useBuilderActions();
  const definition = useBuilder((state) => state.history.present);
  const catalogue = useBuilder((state) => state.catalogue);
  const readOnly = useBuilder((state) => state.readOnly);
  const fixes = readOnly ? [] : fixesOf(problem, definition, catalogue);
  if (fixes.length === 0) return null;
  return (
    <span className="problems__fixes">
      {fixes.map((fix) => (
        <Button
          key={fix.label}
          size="compact-xs"
          variant="light"
          aria-label={`${fix.label}: ${problem.message}`}
          onClick={() => {
            actions.edit(fix.apply, fix.label);
            actions.say(`Repaired: ${fix.label}`);
          }}
        >
          {fix.label}
        </Button>
      ))}
    </span>
  );
}
