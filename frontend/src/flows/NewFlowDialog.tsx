import { Alert, Button, Group, Modal, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { api } from "../api/client";
import type { Flow } from "../api/types";

type Props = { opened: boolean; onClose: () => void };

export function NewFlowDialog({ opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New flow">
      {opened && <Body onClose={onClose} />}
    </Modal>
  );
}

function Body({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const create = useMutation({
    mutationFn: (friendlyName: string) => api.post<Flow>("flows", { friendly_name: friendlyName }),
    onSuccess: async (flow) => {
      await client.invalidateQueries({ queryKey: ["flows"], refetchType: "none" });
      void navigate(`/flows/${flow.sid}`);
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) create.mutate(name.trim());
        else setProblem("Give the flow a name.");
      }}
    >
      {create.isError && (
        <Alert color="clay" variant="light" mb="md" role="alert">
          {create.error.message}
        </Alert>
      )}
      <TextInput
        data-autofocus
        label="Name"
        description="For your colleagues; customers do not see it."
        placeholder="Welcome"
        error={problem}
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          setProblem(null);
        }}
      />
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={create.isPending}>
          Create flow
        </Button>
      </Group>
    </form>
  );
}
