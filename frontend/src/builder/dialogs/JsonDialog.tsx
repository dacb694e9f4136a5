import { Alert, Button, CopyButton, Group, Modal, Text } from "@mantine/core";
import { useState } from "react";

import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { settled } from "../core/layout";
import { asDefinition } from "../core/model";
import { CodeField } from "../inspector/fields/CodeField";
import { useUi, useUiStore } from "../ui";

/** The whole definition as text, to read, copy or edit; applying is one step that can be undone. */
export function JsonDialog() {
  const open = useUi((state) => state.dialog === "json");
  const ui = useUiStore();
  const close = () => ui.getState().set({ dialog: null });
  return (
    <Modal opened={open} onClose={close} title="Definition as JSON" size="xl">
      {open && <Body onDone={close} />}
    </Modal>
  );
}

function Body({ onDone }: { onDone: () => void }) {
  const actions = useBuilderActions();
  const catalogue = useBuilder((state) => state.catalogue);
  const definition = useBuilder((state) => state.history.present);
  const [text, setText] = useState(() => JSON.stringify(definition, null, 2));
  const [problem, setProblem] = useState<string | null>(null);

  function apply() {
    try {
      const parsed = asDefinition(JSON.parse(text));
      if (!parsed) {
        setProblem("This is JSON, but no flow definition: it needs “states”, each with a name, a type, properties and transitions.");
        return;
      }
      actions.edit(() => settled(parsed, catalogue), "Edit the definition");
      onDone();
    } catch (error) {
      setProblem(`Not valid JSON: ${error instanceof Error ? error.message : "it cannot be read"}`);
    }
  }

  return (
    <>
      <Text size="sm" c="dimmed" mb="sm">
        Studio’s own format. What you apply replaces the canvas and can be undone.
      </Text>
      {problem && (
        <Alert color="clay" variant="light" mb="sm" role="alert">
          {problem}
        </Alert>
      )}
      <CodeField label={null} name="Definition" language="json" multiline tall value={text} onChange={setText} />
      <Group justify="flex-end" mt="md">
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy"}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={onDone}>
          Close
        </Button>
        <Button onClick={apply}>Apply</Button>
      </Group>
    </>
  );
}
