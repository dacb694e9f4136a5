import { ActionIcon, Button, Select, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";

import type { Json, Sample, State, Transition } from "../../api/types";
import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { setSplitInput, setTransitions } from "../core/edits";
import { conditionsOf, exitsOf, textOf, type Condition } from "../core/model";
import { CONDITION_TYPES, conditionText } from "../core/summary";
import type { Variable } from "../core/variables";
import { exitProblem } from "../core/problems";
import { ExitProblem } from "./ExitsEditor";
import { CodeField } from "./fields/CodeField";
import { Preview } from "./fields/Preview";
import { TargetPicker } from "./TargetPicker";

type Props = { widget: string; state: State; variables: readonly Variable[]; sample: Sample | null; problem: string | null };

const TYPES = CONDITION_TYPES.map(({ type, label }) => ({ value: type, label }));

/** Studio's own made-up name, written while nobody has given a better one. */
function madeUpName(type: string, value: string): string {
  return `If value ${type} ${value}`.trim();
}

function isMadeUp(name: string): boolean {
  return !name.trim() || /^if value\b/i.test(name);
}

/** The branches of a split, tried from top to bottom, each with its condition and its way on. */
export function SplitEditor({ widget, state, variables, sample, problem }: Props) {
  const actions = useBuilderActions();
  const catalogue = useBuilder((builder) => builder.catalogue);
  const problems = useBuilder((builder) => builder.problems);
  const input = textOf(state.properties.input);
  const exits = exitsOf(state, catalogue);
  const branches = exits.filter((exit) => exit.event === "match" && exit.index !== null);
  const others = exits.filter((exit) => exit.event !== "match");

  function write(transitions: Transition[], label: string, group?: string) {
    actions.edit((before) => setTransitions(before, widget, transitions), label, group);
  }

  function putCondition(index: number, position: number, change: Partial<Condition>) {
    const transitions = state.transitions.map((transition, at) => {
      if (at !== index) return transition;
      const raw = transition.conditions as Json[];
      const conditions = conditionsOf(transition).map((condition, place) => {
        if (place !== position) return raw[place] as Json;
        const next = { ...condition, ...change } as Condition;
        if (isMadeUp(textOf(next.friendly_name))) next.friendly_name = madeUpName(next.type, textOf(next.value));
        return next;
      });
      return { ...transition, conditions: conditions as Json };
    });
    write(transitions, `Change a condition of ${state.name}`, `condition ${widget} ${index} ${position}`);
  }

  function addBranch() {
    const condition: Condition = { friendly_name: madeUpName("equal_to", ""), arguments: [input], type: "equal_to", value: "" };
    const branch = { event: "match", conditions: [condition] as Json } as Transition;
    const last = branches.at(-1)?.index ?? -1;
    const transitions = [...state.transitions];
    transitions.splice(last + 1, 0, branch);
    write(transitions, `Add a condition to ${state.name}`);
  }

  function move(place: number, step: 1 | -1) {
    const from = branches[place]?.index;
    const to = branches[place + step]?.index;
    if (from === undefined || from === null || to === undefined || to === null) return;
    const transitions = [...state.transitions];
    [transitions[from], transitions[to]] = [transitions[to] as Transition, transitions[from] as Transition];
    write(transitions, `Reorder the conditions of ${state.name}`);
  }

  return (
    <>
      <CodeField
        label="Value to test"
        description="The variable or text the conditions look at."
        error={problem}
        required
        language="liquid"
        value={input}
        placeholder="{{widgets.ask.inbound.Body}}"
        onChange={(text) => actions.edit((before) => setSplitInput(before, widget, text), `Change ${state.name}`, `input ${widget}`)}
        variables={variables}
      >
        <Preview text={input} sample={sample} />
      </CodeField>
      <h2 className="eyebrow">Conditions, first match wins</h2>
      {branches.length === 0 && <p className="hint">No condition yet: every value leaves by “No match”.</p>}
      <ol className="branches">
        {branches.map((exit, place) => {
          const index = exit.index as number;
          const conditions = conditionsOf(state.transitions[index]);
          const label = `Condition ${place + 1}`;
          return (
            <li key={exit.id} className="branch" aria-label={label} data-field={`exit ${index}`}>
              <div className="branch__head">
                <TextInput
                  size="xs"
                  variant="unstyled"
                  aria-label={`${label}: name`}
                  placeholder={conditions.map(conditionText).join(" or ") || "Name"}
                  value={isMadeUp(textOf(conditions[0]?.friendly_name)) ? "" : textOf(conditions[0]?.friendly_name)}
                  onChange={(event) => putCondition(index, 0, { friendly_name: event.currentTarget.value })}
                />
                <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`${label}: move up`} disabled={place === 0} onClick={() => move(place, -1)}>
                  <IconArrowUp size={14} />
                </ActionIcon>
                <ActionIcon size="sm" variant="subtle" color="gray" aria-label={`${label}: move down`} disabled={place === branches.length - 1} onClick={() => move(place, 1)}>
                  <IconArrowDown size={14} />
                </ActionIcon>
                <ActionIcon
                  size="sm"
                  variant="subtle"
                  color="gray"
                  aria-label={`${label}: remove`}
                  onClick={() => write(state.transitions.filter((_, at) => at !== index), `Remove a condition of ${state.name}`)}
                >
                  <IconTrash size={14} />
                </ActionIcon>
              </div>
              {conditions.map((condition, position) => {
                const known = CONDITION_TYPES.find((entry) => entry.type === condition.type);
                return (
                  <div key={position} className="branch__test">
                    <Select
                      size="xs"
                      aria-label={`${label}: test`}
                      data={known ? TYPES : [...TYPES, { value: textOf(condition.type), label: textOf(condition.type) || "Choose" }]}
                      value={textOf(condition.type)}
                      allowDeselect={false}
                      onChange={(type) => type && putCondition(index, position, { type })}
                      comboboxProps={{ shadow: "md", width: 220, position: "bottom-start" }}
                    />
                    {known?.takesValue !== false && (
                      <TextInput
                        size="xs"
                        aria-label={`${label}: value`}
                        placeholder={known?.hint ?? "Value"}
                        value={textOf(condition.value)}
                        onChange={(event) => putCondition(index, position, { value: event.currentTarget.value })}
                      />
                    )}
                  </div>
                );
              })}
              <TargetPicker source={widget} exit={exit.id} label={label} next={exit.next} />
              <ExitProblem problem={exitProblem(problems, widget, index)} />
            </li>
          );
        })}
      </ol>
      <Button size="compact-sm" variant="light" leftSection={<IconPlus size={14} />} onClick={addBranch}>
        Add condition
      </Button>
      {others.map((exit) => (
        <div key={exit.id} className="exits exits--single" data-field={`exit ${exit.index}`}>
          <span className="exits__label">{exit.event === "noMatch" ? "No condition matches" : exit.event}</span>
          <TargetPicker source={widget} exit={exit.id} label="No condition matches" next={exit.next} />
          <ExitProblem problem={exitProblem(problems, widget, exit.index)} />
        </div>
      ))}
    </>
  );
}
