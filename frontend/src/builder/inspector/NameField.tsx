import { TextInput } from "@mantine/core";
import { useState } from "react";

import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { namesOf } from "../core/model";
import { nameProblem } from "../core/naming";
import { usagesOf } from "../core/references";

type Props = { widget: string; name: string };

/** The name of a widget. Taking a new one renames every link and template that speaks of it. */
export function NameField({ widget, name }: Props) {
  const actions = useBuilderActions();
  const definition = useBuilder((state) => state.history.present);
  const [draft, setDraft] = useState<string | null>(null);
  const taken = namesOf(definition);
  taken.delete(name);
  const problem = draft === null ? null : nameProblem(draft, taken);
  const usages = draft === null || draft === name || problem ? 0 : usagesOf(definition, { kind: "widget", name }).length;

  function finish() {
    if (draft !== null && draft !== name && !problem) actions.renameWidget(widget, draft);
    setDraft(null);
  }

  return (
    <TextInput
      className="field"
      size="sm"
      label="Name"
      data-field-name
      error={problem}
      description={usages > 0 ? `Enter renames it and its ${usages} ${usages === 1 ? "use" : "uses"} in texts.` : undefined}
      value={draft ?? name}
      spellCheck={false}
      onChange={(event) => setDraft(event.currentTarget.value)}
      onBlur={finish}
      onKeyDown={(event) => {
        if (event.key === "Enter") finish();
        if (event.key === "Escape") {
          setDraft(null);
          event.stopPropagation();
        }
      }}
    />
  );
}
