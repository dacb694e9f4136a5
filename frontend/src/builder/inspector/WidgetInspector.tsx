import { ActionIcon, Alert, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconCopy, IconDots, IconPlayerPlay, IconReplace, IconSearch, IconTrash, IconTrashX } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";

import type { Json, State } from "../../api/types";
import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { setProperty } from "../core/edits";
import { usagesOf } from "../core/references";
import { withSamples } from "../core/samples";
import { variablesAt } from "../core/variables";
import { useSample } from "../sample";
import { WidgetTile } from "../look";
import { FixButtons } from "../ProblemsPanel";
import { useUi, useUiStore } from "../ui";
import { ExitsEditor } from "./ExitsEditor";
import { RawField } from "./fields/RawField";
import { NameField } from "./NameField";
import { fieldsOf, unknownProperties, type FieldSpec } from "./schema";
import { SchemaField } from "./SchemaField";
import { SplitEditor } from "./SplitEditor";
import { VariableUses } from "./VariableUses";

type Props = { widget: string; state: State };

/** Everything about one widget: its name, its settings by its schema, its exits. */
export function WidgetInspector({ widget, state }: Props) {
  const actions = useBuilderActions();
  const definition = useBuilder((builder) => builder.history.present);
  const catalogue = useBuilder((builder) => builder.catalogue);
  const problems = useBuilder((builder) => builder.problems);
  const ui = useUiStore();
  const focusField = useUi((state) => state.focusField);
  const [more, setMore] = useState(false);
  const root = useRef<HTMLDivElement>(null);

  const entry = catalogue.get(state.type);
  const schema = entry?.schema ?? {};
  const fields = fieldsOf(schema, state);
  const isStart = definition.initial_state === widget;
  const isSplit = state.type === "split-based-on";
  const own = useMemo(() => problems.filter((problem) => problem.key === widget), [problems, widget]);
  const sample = useSample(widget);
  const variables = useMemo(() => withSamples(variablesAt(definition, widget), sample?.context ?? null), [definition, widget, sample]);
  const problemOf = (name: string) => own.find((problem) => problem.property === name)?.message ?? null;
  const general = own.filter(({ property, transition }) => transition === null && (property === null || !fields.some((field) => field.name === property)));
  const unknown = entry ? unknownProperties(schema, state) : Object.keys(state.properties).filter((name) => name !== "offset");

  useEffect(() => {
    if (!focusField || focusField.key !== widget || !root.current) return;
    const selector = focusField.field === "name" ? "[data-field-name]" : focusField.field === "*" ? ".inspector__fields" : `[data-field="${CSS.escape(focusField.field)}"]`;
    const place = root.current.querySelector<HTMLElement>(selector);
    const control = place?.matches("input") ? place : place?.querySelector<HTMLElement>("input, [data-waiting], .cm-content, textarea, button");
    control?.focus();
    if (control instanceof HTMLInputElement && focusField.field === "name") control.select();
    control?.scrollIntoView({ block: "nearest" });
    // Asked for once: who comes back to this widget later stays where they are.
    if (control) ui.getState().set({ focusField: null });
  }, [focusField, widget, ui]);

  const change = (name: string, value: Json | undefined) =>
    actions.edit((before) => setProperty(before, widget, name, value), `Change ${state.name}`, `property ${widget} ${name}`);

  const draw = (spec: FieldSpec) => (
    <div key={spec.name} data-field={spec.name}>
      <SchemaField spec={spec} state={state} variables={variables} sample={sample} problem={problemOf(spec.name)} onChange={(value) => change(spec.name, value)} />
    </div>
  );
  const main = fields.filter((field) => !field.secondary);
  const secondary = fields.filter((field) => field.secondary);
  const showMore = more || secondary.some((field) => problemOf(field.name) !== null);

  return (
    <div ref={root}>
      <header className="inspector__head">
        <WidgetTile type={state.type} size={34} />
        <div>
          <Text fw={650} size="sm">
            {entry?.title ?? state.type}
          </Text>
          <Text size="xs" c="dimmed">
            {entry?.description ?? "This type is not known here. It is kept as it is."}
          </Text>
        </div>
        {!isStart && <WidgetMenu widget={widget} state={state} />}
      </header>

      {entry && !entry.runnable && (
        <Alert color="amber" variant="light" p="xs" mb="sm">
          Message flows do not run this widget. It is drawn, checked and kept.
        </Alert>
      )}
      {general.map((problem, index) => (
        <Alert key={index} color={problem.severity === "error" ? "clay" : "amber"} variant="light" p="xs" mb="xs">
          {problem.message} <FixButtons problem={problem} />
        </Alert>
      ))}

      <NameField key={widget} widget={widget} name={state.name} />
      <div className="inspector__fields">
        {isSplit ? (
          <div data-field="input">
            <SplitEditor widget={widget} state={state} variables={variables} sample={sample} problem={problemOf("input")} />
          </div>
        ) : (
          main.map(draw)
        )}
        {secondary.length > 0 && (
          <>
            <UnstyledButton className="fold" aria-expanded={showMore} onClick={() => setMore(!more)}>
              <IconChevronRight size={14} aria-hidden /> More settings
            </UnstyledButton>
            {showMore && secondary.map(draw)}
          </>
        )}
        {unknown.map((name) => (
          <div key={name} data-field={name}>
            <RawField label={name} description="Not part of this type's settings; kept as it is." value={state.properties[name]} onChange={(value) => change(name, value)} />
          </div>
        ))}
      </div>

      {state.type === "set-variables" && <VariableUses state={state} />}

      {!isSplit && (
        <section aria-label="Exits">
          <h2 className="eyebrow">{isStart ? "Starts with" : "Then"}</h2>
          <ExitsEditor widget={widget} state={state} />
        </section>
      )}
    </div>
  );
}

/** Counted while the menu is open only: it reads every text of the flow. */
function UsesItem({ name }: { name: string }) {
  const ui = useUiStore();
  const definition = useBuilder((builder) => builder.history.present);
  const uses = useMemo(() => usagesOf(definition, { kind: "widget", name }).length, [definition, name]);
  return (
    <Menu.Item leftSection={<IconSearch size={15} />} disabled={uses === 0} onClick={() => ui.getState().set({ findOpen: true, findQuery: `widgets.${name}` })}>
      {uses === 0 ? "Not used in texts" : `Find ${uses} ${uses === 1 ? "use" : "uses"}`}
    </Menu.Item>
  );
}

function WidgetMenu({ widget, state }: Props) {
  const actions = useBuilderActions();
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${state.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={15} />} onClick={() => actions.duplicate()}>
          Duplicate
        </Menu.Item>
        <Menu.Item
          leftSection={<IconReplace size={15} />}
          onClick={() => actions.openPicker({ screen: { x: window.innerWidth - 640, y: 120 }, at: null, wire: { kind: "replace", key: widget } })}
        >
          Replace by…
        </Menu.Item>
        <UsesItem name={state.name} />
        <Menu.Item leftSection={<IconPlayerPlay size={15} />} onClick={() => actions.simulateFrom(widget)}>
          Simulate from here
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<IconTrashX size={15} />} onClick={() => actions.removeSelection(true)}>
          Delete and reconnect
        </Menu.Item>
        <Menu.Item color="clay" leftSection={<IconTrash size={15} />} onClick={() => actions.removeSelection(false)}>
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
