import { Alert, Button, Checkbox, Group, Modal, Text, TextInput, Tooltip } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import { useBuilder } from "../context";
import { CHECKS, storyOf, type Check, type Simulation } from "../core/simulation";
import { useUiStore } from "../ui";

const LABELS: Record<Check, string> = { sent: "Messages sent, word for word", path: "Path through the flow", outcome: "How it stands at the end", variables: "Variables" };

/** Keep the conversation as a test of the flow: the same words, and the same outcome expected. */
export function SaveTest({ simulation }: { simulation: Simulation }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Tooltip label="A test begins at the trigger; this conversation began in the middle." disabled={!simulation.from} multiline maw={260}>
        <Button size="xs" variant="light" data-disabled={simulation.from ? true : undefined} aria-disabled={simulation.from ? true : undefined} onClick={() => !simulation.from && setOpen(true)}>
          Save as test
        </Button>
      </Tooltip>
      <Modal opened={open} onClose={() => setOpen(false)} title="Save as test">
        {open && <Form simulation={simulation} onClose={() => setOpen(false)} />}
      </Modal>
    </>
  );
}

function Form({ simulation, onClose }: { simulation: Simulation; onClose: () => void }) {
  const sid = useBuilder((state) => state.meta.sid);
  const ui = useUiStore();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [checks, setChecks] = useState<Check[]>([...CHECKS]);
  const save = useMutation({
    mutationFn: () => api.post(`flows/${sid}/tests`, { name: name.trim(), story: storyOf(simulation, checks) }),
    onSuccess: () => {
      ui.getState().set({ announcement: `Saved the test ${name.trim()}` });
      void client.invalidateQueries({ queryKey: ["flow-tests", sid] });
      onClose();
    },
  });
  const subflows = simulation.steps.some((step) => step.widget_type === "run-subflow" && step.parent_seq === null);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) save.mutate();
      }}
    >
      {save.error && (
        <Alert color="clay" variant="light" mb="sm" role="alert" title="Not saved">
          {save.error.message}
        </Alert>
      )}
      {simulation.tampered && (
        <Text size="sm" mb="sm" c="dimmed">
          Variables were set by hand. A test cannot do that, so it may come out differently.
        </Text>
      )}
      {subflows && (
        <Text size="sm" mb="sm" c="dimmed">
          A subflow ran. In the test only the exit it was left by is kept, not what it says.
        </Text>
      )}
      <TextInput label="Name" placeholder="Asks for the name" data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <Checkbox.Group label="Expects" mt="md" value={checks} onChange={(chosen) => setChecks(chosen as Check[])}>
        <div className="simulator__checks">
          {CHECKS.map((check) => (
            <Checkbox key={check} value={check} label={LABELS[check]} />
          ))}
        </div>
      </Checkbox.Group>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending} disabled={!name.trim()}>
          Save test
        </Button>
      </Group>
    </form>
  );
}
