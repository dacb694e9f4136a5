import { Button, Group, Modal, Switch, Text, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";

import { useBuilderActions } from "../actions-context";
import { useBuilder, useBuilderStore } from "../context";
import { useUi, useUiStore } from "../ui";

/** Name, description and flags of the flow. */
export function SettingsDialog() {
  const open = useUi((state) => state.dialog === "settings");
  const ui = useUiStore();
  const close = () => ui.getState().set({ dialog: null });
  return (
    <Modal opened={open} onClose={close} title="Flow settings">
      {open && <Body onDone={close} />}
    </Modal>
  );
}

function Body({ onDone }: { onDone: () => void }) {
  const store = useBuilderStore();
  const actions = useBuilderActions();
  const meta = useBuilder((state) => state.meta);
  const definition = useBuilder((state) => state.history.present);
  const [name, setName] = useState(meta.friendlyName);
  const [description, setDescription] = useState(definition.description ?? "");
  const [concurrent, setConcurrent] = useState(definition.flags?.allow_concurrent_calls === true);
  const problem = name.trim() ? null : "A flow needs a name.";

  function submit() {
    if (problem) return;
    if (name.trim() !== meta.friendlyName) store.getState().rename(name.trim());
    actions.edit((before) => {
      const unchanged = (before.description ?? "") === description && (before.flags?.allow_concurrent_calls === true) === concurrent;
      return unchanged ? before : { ...before, description, flags: { ...before.flags, allow_concurrent_calls: concurrent } };
    }, "Change the flow's settings");
    onDone();
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <TextInput data-autofocus label="Name" error={problem} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Textarea mt="md" label="Description" description="Goes into the definition." autosize minRows={3} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
      <Switch
        mt="md"
        label="Allow concurrent calls"
        description="For calls only: one caller may be in this flow several times."
        checked={concurrent}
        onChange={(event) => setConcurrent(event.currentTarget.checked)}
      />
      <Text size="xs" c="dimmed" mt="md" ff="monospace">
        {meta.sid}
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit">Apply</Button>
      </Group>
    </form>
  );
}
