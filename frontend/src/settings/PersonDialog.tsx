import { Alert, Button, Group, Modal, PasswordInput, Select, Stack, Switch, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { personDraft, personProblems, ROLES, type Person, type PersonDraft, type Role } from "./people";

type Props = { person: Person | "new" | null; onClose: () => void };

export function PersonDialog({ person, onClose }: Props) {
  return (
    <Modal opened={person !== null} onClose={onClose} title={person === "new" ? "New person" : "Person"}>
      {person !== null && <Body person={person === "new" ? null : person} onClose={onClose} />}
    </Modal>
  );
}

function Body({ person, onClose }: { person: Person | null; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<PersonDraft>(() => personDraft(person));
  const [shown, setShown] = useState(false);
  const save = useMutation({
    mutationFn: () => (person ? api.put<Person>(`users/${person.sid}`, { ...draft, password: draft.password || undefined }) : api.post<Person>("users", draft)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["users"] });
      onClose();
    },
  });
  const problems = personProblems(draft, person === null);
  const problem = (name: keyof PersonDraft) => (shown ? problems[name] : undefined);
  const set = (change: Partial<PersonDraft>) => setDraft((before) => ({ ...before, ...change }));

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setShown(true);
        if (Object.keys(problems).length === 0) save.mutate();
      }}
    >
      <Stack gap="md">
        {save.isError && (
          <Alert color="clay" variant="light" role="alert" title="Not saved">
            {save.error.message}
          </Alert>
        )}
        <TextInput label="User name" autoComplete="off" error={problem("username")} disabled={person !== null} value={draft.username} onChange={(event) => set({ username: event.currentTarget.value })} />
        <TextInput label="Name" description="Customers see it in the chat." value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} />
        <TextInput label="E-mail" error={problem("email")} value={draft.email} onChange={(event) => set({ email: event.currentTarget.value })} />
        <Select
          label="Role"
          description={ROLES.find((role) => role.value === draft.role)?.can}
          data={ROLES.map(({ value, label }) => ({ value, label }))}
          value={draft.role}
          allowDeselect={false}
          onChange={(role) => role && set({ role: role as Role, ...(person ? {} : { takes_tasks: role === "agent" }) })}
        />
        <PasswordInput
          label={person ? "New password" : "Password"}
          description={person ? "Leave it empty to keep the one they have." : "At least 10 characters."}
          autoComplete="new-password"
          error={problem("password")}
          value={draft.password}
          onChange={(event) => set({ password: event.currentTarget.value })}
        />
        <Switch
          label="Takes tasks"
          description={person?.worker_sid ? "Their worker is managed under Routing." : "Is offered conversations in the console."}
          disabled={Boolean(person?.worker_sid)}
          checked={draft.takes_tasks}
          onChange={(event) => set({ takes_tasks: event.currentTarget.checked })}
        />
        {person && <Switch label="May log in" checked={draft.is_active} onChange={(event) => set({ is_active: event.currentTarget.checked })} />}
      </Stack>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" loading={save.isPending}>
          Save person
        </Button>
      </Group>
    </form>
  );
}
