import { Anchor, NumberInput, Switch, TagsInput, TextInput } from "@mantine/core";

import type { Json, Sample, State } from "../../api/types";
import { useOptions } from "../context";
import { textOf } from "../core/model";
import { durationText } from "../core/summary";
import type { Variable } from "../core/variables";
import { CodeField } from "./fields/CodeField";
import { PairsField } from "./fields/PairsField";
import { PickerField } from "./fields/PickerField";
import { Preview } from "./fields/Preview";
import { RawField } from "./fields/RawField";
import { choiceLabel, jsonProblem, type FieldSpec } from "./schema";

type Props = {
  spec: FieldSpec;
  state: State;
  variables: readonly Variable[];
  /** The values that previews are made with. */
  sample: Sample | null;
  /** What the server's check says about this property. */
  problem: string | null;
  /** undefined takes the property away. */
  onChange: (value: Json | undefined) => void;
};

/** One property of a widget with the control its schema asks for. */
export function SchemaField({ spec, state, variables, sample, problem, onChange }: Props) {
  const options = useOptions();
  const value = state.properties[spec.name];
  const text = textOf(value);
  const common = { label: spec.title, description: spec.description || undefined, error: problem ?? undefined, required: spec.required };
  // An emptied field is an absent property, unless the schema insists on it.
  const onText = (next: string) => onChange(next === "" && !spec.required ? undefined : next);
  const code = { ...common, value: text, onChange: onText, variables, placeholder: spec.example || spec.defaultText };

  switch (spec.control) {
    case "liquid-multiline":
    case "code":
      return (
        <CodeField {...code} language="liquid" multiline>
          <Preview text={text} sample={sample} />
        </CodeField>
      );
    case "json":
      return (
        <CodeField {...code} language="json" multiline error={problem ?? jsonProblem(text)}>
          <Preview text={text} sample={sample} json />
        </CodeField>
      );
    case "select":
      return (
        <PickerField {...common} value={text || spec.defaultText} onChange={onText} choices={spec.choices.map((choice) => ({ value: choice, label: choiceLabel(choice) }))} variables={variables} template />
      );
    case "workflow":
      return (
        <PickerField
          {...common}
          value={text}
          onChange={onText}
          choices={options.workflows.map((workflow) => ({ value: workflow.sid, label: workflow.friendly_name }))}
          variables={variables}
          template
          nothing="There is no such workflow. Workflows are made in the settings."
        />
      );
    case "task-channel": {
      const byName = options.task_channels.find((channel) => channel.unique_name === text);
      return (
        <PickerField
          {...common}
          value={byName?.sid ?? text}
          onChange={onText}
          choices={options.task_channels.map((channel) => ({ value: channel.sid, label: channel.friendly_name }))}
          variables={variables}
          template
        />
      );
    }
    case "flow":
      return (
        <FlowField {...common} value={text} onChange={onText} choices={options.flows.map((flow) => ({ value: flow.sid, label: flow.friendly_name }))} variables={variables} template={false} />
      );
    case "switch":
      return (
        <Switch
          className="field"
          size="sm"
          label={spec.title}
          description={spec.description}
          error={problem}
          checked={value === true || value === "true"}
          // Some of Studio's switches are texts; they stay what they were.
          onChange={(event) => onChange(typeof value === "string" ? String(event.currentTarget.checked) : event.currentTarget.checked)}
        />
      );
    case "number":
      return (
        <NumberInput className="field" size="sm" {...common} value={typeof value === "number" ? value : text} onChange={(next) => onChange(next === "" ? undefined : next)} />
      );
    case "number-text":
    case "text":
      return <TextInput className="field" size="sm" {...common} value={text} placeholder={spec.defaultText} onChange={(event) => onText(event.currentTarget.value)} />;
    case "duration":
      return (
        <TextInput
          className="field"
          size="sm"
          {...common}
          value={text}
          placeholder={spec.defaultText}
          onChange={(event) => onText(event.currentTarget.value)}
          rightSection={<span className="unit">{/^\d+$/.test(text) ? durationText(text) : "s"}</span>}
          rightSectionWidth={96}
        />
      );
    case "key-value":
      return <PairsField label={spec.title} description={common.description} error={common.error} value={value} onChange={onChange} variables={variables} />;
    case "variables":
      return <PairsField typed label={spec.title} description={common.description} error={common.error} value={value} onChange={onChange} variables={variables} />;
    case "list":
      return (
        <TagsInput
          className="field"
          size="sm"
          {...common}
          value={Array.isArray(value) ? value.map((entry) => textOf(entry)) : []}
          onChange={(next) => onChange(next)}
        />
      );
    case "participants":
    case "raw":
      return <RawField label={spec.title} description={common.description} error={problem} value={value} onChange={onChange} />;
    default:
      return (
        <CodeField {...code} language="liquid">
          <Preview text={text} sample={sample} />
        </CodeField>
      );
  }
}

/** A flow by name, with a way to it: it opens beside, so that one comes back by closing the tab. */
function FlowField(props: Parameters<typeof PickerField>[0]) {
  return (
    <>
      <PickerField {...props} />
      {/^FW[0-9a-f]{32}$/.test(props.value) && (
        <Anchor size="xs" href={`/flows/${props.value}`} target="_blank" rel="noopener">
          Open this flow
        </Anchor>
      )}
    </>
  );
}
