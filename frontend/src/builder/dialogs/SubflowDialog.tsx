import { Alert, Button, Group, Modal, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { Flow } from "../../api/types";
import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { extract } from "../core/subflow";
import { useUi, useUiStore } from "../ui";

/** Make the selected widgets a flow of their own, run from here by one widget. */
export function SubflowDialog() {
  const open = useUi((state) => state.dialog === "subflow");
  const ui = useUiStore();
  const close = () => ui.getState().set({ dialog: null });
  return (
    <Modal opened={open} onClose={close} title="Move to a subflow">
      {open && <Form onDone={close} />}
    </Modal>
  );
}

function Form({ onDone }: { onDone: () => void }) {
  const actions = useBuilderActions();
  const client = useQueryClient();
  const meta = useBuilder((state) => state.meta);
  const definition = useBuilder((state) => state.history.present);
  const selection = useBuilder((state) => state.selection);
  const [name, setName] = useState("");
  const extracted = extract(definition, selection);
  const make = useMutation({
    mutationFn: async () => {
      if ("problem" in extracted) throw new Error(extracted.problem);
      return api.post<Flow>("flows", { friendly_name: name.trim(), definition: extracted.child });
    },
    onSuccess: (flow) => {
      if ("problem" in extracted) return;
      actions.edit((before) => {
        const again = extract(before, selection, flow.sid);
        return "problem" in again ? before : again.parent;
      }, `Move ${extracted.count} widgets to a subflow`);
      void client.invalidateQueries({ queryKey: ["options"] });
      notifications.show({ color: "petrol", title: "Subflow made", message: `“${flow.friendly_name}” is a draft: publish it before this flow runs it.` });
      onDone();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() && !("problem" in extracted)) make.mutate();
      }}
    >
      {"problem" in extracted ? (
        <Alert color="amber" variant="light" mb="sm">
          {extracted.problem}
        </Alert>
      ) : (
        <Text size="sm" c="dimmed" mb="sm">
          {extracted.count} widgets become a flow of their own; a Run Subflow widget takes their place. Variables of “{meta.friendlyName}” are not seen inside unless they are handed over as parameters.
        </Text>
      )}
      {make.error && (
        <Alert color="clay" variant="light" mb="sm" role="alert" title="Not made">
          {make.error.message}
        </Alert>
      )}
      <TextInput label="Name of the subflow" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" loading={make.isPending} disabled={!name.trim() || "problem" in extracted}>
          Move
        </Button>
      </Group>
    </form>
  );
}
