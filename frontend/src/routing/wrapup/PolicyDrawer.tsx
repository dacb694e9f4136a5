import { ActionIcon, Button, Drawer, NumberInput, Radio, Select, Stack, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";

import { NotSaved } from "../../app/NotSaved";
import { useCanEdit } from "../api";
import { FormFoot } from "../FormFoot";
import { POLICY_NAMES } from "../names";
import { MODES, useSavePolicy, type Field, type Mode, type Policy } from "./policies";

type Row = { sid: string; name: string; policy: Policy; isOwn: boolean };
type Props = { row: Row | null; onClose: () => void };

export function PolicyDrawer({ row, onClose }: Props) {
  return (
    <Drawer opened={row !== null} onClose={onClose} position="right" size="lg" title={row?.name ?? ""}>
      {row && <Body key={row.sid} row={row} onClose={onClose} />}
    </Drawer>
  );
}

const FIELD_TYPES = [
  { value: "text", label: "Text" },
  { value: "select", label: "Choice" },
  { value: "checkbox", label: "Tick box" },
];

function Body({ row, onClose }: { row: Row; onClose: () => void }) {
  const canEdit = useCanEdit();
  const [draft, setDraft] = useState<Policy>(row.policy);
  const save = useSavePolicy(row.sid, onClose);
  const isGeneral = row.sid === "general";
  const isTimed = draft.mode === "timed" || draft.mode === "timed_strict";
  const set = (change: Partial<Policy>) => {
    save.reset();
    setDraft((before) => ({ ...before, ...change }));
  };
  const setField = (at: number, change: Partial<Field>) => set({ fields: draft.fields.map((field, other) => (other === at ? { ...field, ...change } : field)) });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(draft);
      }}
    >
      <fieldset className="policy" disabled={!canEdit}>
        <Stack gap="lg">
          <NotSaved error={save.error} names={POLICY_NAMES} />
          <Radio.Group label="Wrap-up" value={draft.mode} onChange={(mode) => set({ mode: mode as Mode })}>
            <Stack gap={9} mt={8}>
              {MODES.map(({ value, label, hint }) => (
                <Radio key={value} value={value} label={label} description={hint} />
              ))}
            </Stack>
          </Radio.Group>
          {isTimed && (
            <div className="policy__pair">
              <NumberInput label="Seconds" min={5} max={3_600} allowDecimal={false} clampBehavior="strict" value={draft.seconds} onChange={(value) => set({ seconds: Number(value) || 5 })} />
              <NumberInput
                label="May be extended once by" description="Seconds; 0 for not at all." inputWrapperOrder={["label", "input", "description"]} min={0} max={3_600} allowDecimal={false} clampBehavior="strict"
                value={draft.extension_seconds} onChange={(value) => set({ extension_seconds: Number(value) || 0 })}
              />
            </div>
          )}
          <div>
            <TagsInput
              label="Dispositions" description="What may have come of a conversation. Enter adds one." placeholder={draft.dispositions.length ? "" : "Solved, Sold, Spam"}
              value={draft.dispositions} readOnly={!canEdit} onChange={(dispositions) => set({ dispositions })}
            />
            {!isGeneral && <Switch mt="sm" label="Also offer the general ones" checked={draft.with_general} onChange={(event) => set({ with_general: event.currentTarget.checked })} />}
            <Switch mt="sm" label="One must be chosen" checked={draft.needs_disposition} disabled={draft.mode === "optional"} onChange={(event) => set({ needs_disposition: event.currentTarget.checked })} />
          </div>
          <div>
            <Text size="sm" fw={600} mb={6}>
              Further fields
            </Text>
            <Stack gap={10}>
              {draft.fields.map((field, at) => (
                <div key={at} className="policy__field">
                  <TextInput aria-label={`Label of field ${at + 1}`} placeholder="Order number" value={field.label} onChange={(event) => setField(at, { label: event.currentTarget.value })} />
                  <Select aria-label={`Kind of field ${at + 1}`} allowDeselect={false} data={FIELD_TYPES} value={field.type} onChange={(type) => setField(at, { type: (type ?? "text") as Field["type"] })} />
                  <Switch label="Required" checked={field.required} onChange={(event) => setField(at, { required: event.currentTarget.checked })} />
                  <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove field ${at + 1}`} onClick={() => set({ fields: draft.fields.filter((_, other) => other !== at) })}>
                    <IconTrash size={16} stroke={1.6} />
                  </ActionIcon>
                  {field.type === "select" && (
                    <TagsInput className="policy__options" aria-label={`Choices of field ${at + 1}`} placeholder="Choices; Enter adds one" value={field.options} onChange={(options) => setField(at, { options })} />
                  )}
                </div>
              ))}
            </Stack>
            <Button mt="xs" size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => set({ fields: [...draft.fields, { label: "", type: "text", required: false, options: [] }] })}>
              Add a field
            </Button>
          </div>
          <div>
            <Switch
              label="The server accepts offers for agents" description="An offered task is the agent's at once, whether or not they look." checked={draft.auto_accept}
              onChange={(event) => set({ auto_accept: event.currentTarget.checked })}
            />
            {!isGeneral && (
              <Switch mt="sm" label="Agents find this queue when they transfer" checked={draft.is_listed} onChange={(event) => set({ is_listed: event.currentTarget.checked })} />
            )}
          </div>
          {canEdit && !isGeneral && row.isOwn && (
            <Button variant="subtle" color="clay" style={{ justifySelf: "start", alignSelf: "start" }} onClick={() => save.mutate(null)}>
              Follow the general rules again
            </Button>
          )}
        </Stack>
      </fieldset>
      <FormFoot label="Save rules" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}
