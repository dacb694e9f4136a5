import { ActionIcon, Alert, Menu, Text, UnstyledButton } from "@mantine/core";
import { IconChevronRight, IconCopy, IconDots, IconReplace, IconSearch, IconTrash, IconTrashX } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";

import type { Json, State } from "../../api/types";
import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { setProperty } from "../core/edits";
import { usagesOf } from "../core/references";
import { variablesAt } from "../core/variables";
import { WidgetTile } from "../look";
import { useUi, useUiStore } from "../ui";
import { ExitsEditor } from "./ExitsEditor";
import { RawField } from "./fields/RawField";
import { NameField } from "./NameField";
import { fieldsOf, unknownProperties, type FieldSpec } from "./schema";
import { SchemaField } from "./SchemaField";
import { SplitEditor } from "./SplitEditor";

type Props = { widget: string; state: State };

/** Everything about one widget: its name, its settings by its schema, its exits. */
export function WidgetInspector({ widget, state }: Props) {
  const actions = useBuilderActions();
  const definition = useBuilder((builder) => builder.history.present);
  const catalogue = useBuilder((builder) => builder.catalogue);
  const problems = useBuilder((builder) => builder.problems);
  const focusField = useUi((ui) => ui.focusField);
  const [more, setMore] = useState(false);
  const root = useRef<HTMLDivElement>(null);

  const entry = catalogue.get(state.type);
  const schema = entry?.schema ?? {};
  const fields = fieldsOf(schema, state);
  const isStart = definition.initial_state === widget;
  const isSplit = state.type === "split-based-on";
  const own = useMemo(() => problems.filter((problem) => problem.key === widget), [problems, widget]);
  const variables = useMemo(() => variablesAt(definition, widget), [definition, widget]);
  const problemOf = (name: string) => own.find((problem) => problem.property === name)?.message ?? null;
  const general = own.filter(({ property, transition }) => transition === null && (property === null || !fields.some((field) => field.name === property)));
  const unknown = entry ? unknownProperties(schema, state) : Object.keys(state.properties).filter((name) => name !== "offset");

  useEffect(() => {
    if (!focusField || focusField.key !== widget || !root.current) return;
    const selector = focusField.field === "name" ? "[data-field-name]" : focusField.field === "*" ? ".inspector__fields" : `[data-field="${CSS.escape(focusField.field)}"]`;
    const place = root.current.querySelector<HTMLElement>(selector);
    const control = place?.matches("input") ? place : place?.querySelector<HTMLElement>("input, .cm-content, textarea, button");
    control?.focus();
    if (control instanceof HTMLInputElement && focusField.field === "name") control.select();
    control?.scrollIntoView({ block: "nearest" });
  }, [focusField, widget]);

  const change = (name: string, value: Json | undefined) =>
    actions.edit((before) => setProperty(before, widget, name, value), `Change ${state.name}`, `property ${widget} ${name}`);

  const draw = (spec: FieldSpec) => (
    <div key={spec.name} data-field={spec.name}>
      <SchemaField spec={spec} state={state} variables={variables} problem={problemOf(spec.name)} onChange={(value) => change(spec.name, value)} />
    </div>
  );
  const main = fields.filter((field) => !field.secondary);
  const secondary = fields.filter((field) => field.secondary);
  const showMore = more || secondary.some((field) => problemOf(field.name) !== null || focusField?.field === field.name);

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
          {problem.message}
        </Alert>
      ))}

      <NameField key={widget} widget={widget} name={state.name} />
      <div className="inspector__fields">
        {isSplit ? (
          <div data-field="input">
            <SplitEditor widget={widget} state={state} variables={variables} problem={problemOf("input")} />
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

      {!isSplit && (
        <section aria-label="Exits">
          <h2 className="eyebrow">{isStart ? "Starts with" : "Then"}</h2>
          <ExitsEditor widget={widget} state={state} />
        </section>
      )}
    </div>
  );
}

function WidgetMenu({ widget, state }: Props) {
  const actions = useBuilderActions();
  const ui = useUiStore();
  const definition = useBuilder((builder) => builder.history.present);
  const usages = usagesOf(definition, { kind: "widget", name: state.name });
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
        <Menu.Item leftSection={<IconSearch size={15} />} disabled={usages.length === 0} onClick={() => ui.getState().set({ findOpen: true, findQuery: `widgets.${state.name}` })}>
          {usages.length === 0 ? "Not used in texts" : `Find ${usages.length} ${usages.length === 1 ? "use" : "uses"}`}
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
