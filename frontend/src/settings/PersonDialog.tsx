import { Button, Group, Modal, PasswordInput, Select, Stack, Switch, TagsInput, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { FormFoot } from "../app/FormFoot";
import { NotSaved } from "../app/NotSaved";
import { personDraft, personProblems, ROLES, type Person, type PersonDraft, type Role } from "./people";

const NAMES = {
  username: "User name", name: "Name", email: "E-mail", role: "Role", password: "Password", takes_tasks: "Takes tasks", skills: "Skills", is_active: "May log in",
};

type Props = { person: Person | "new" | null; skills: string[]; onClose: () => void };

export function PersonDialog({ person, skills, onClose }: Props) {
  return (
    <Modal opened={person !== null} onClose={onClose} title={person === "new" ? "New person" : "Person"}>
      {person !== null && <Body person={person === "new" ? null : person} skills={skills} onClose={onClose} />}
    </Modal>
  );
}

function Body({ person, skills, onClose }: { person: Person | null; skills: string[]; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<PersonDraft>(() => personDraft(person));
  const [shown, setShown] = useState(false);
  const save = useMutation({
    mutationFn: async () => {
      const { skills, ...rest } = draft;
      const saved = person
        ? await api.put<Person>(`users/${person.sid}`, { ...rest, password: draft.password || undefined, ...(person.worker_sid ? { skills } : {}) })
        : await api.post<Person>("users", rest);
      // Skills are the worker's, which is made with the person.
      return saved.worker_sid && !person?.worker_sid && skills.length > 0 ? api.put<Person>(`users/${saved.sid}`, { skills }) : saved;
    },
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
        <NotSaved error={save.error} names={NAMES} />
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
        {draft.takes_tasks && (
          <TagsInput
            label="Skills"
            description="Queues choose by them."
            placeholder={draft.skills.length === 0 ? "sales" : undefined}
            data={skills}
            value={draft.skills}
            onChange={(given) => set({ skills: given })}
          />
        )}
        {person?.second_factor && <SecondFactorReset person={person} />}
        {person && <Switch label="May log in" checked={draft.is_active} onChange={(event) => set({ is_active: event.currentTarget.checked })} />}
      </Stack>
      <FormFoot label="Save person" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}

function SecondFactorReset({ person }: { person: Person }) {
  const client = useQueryClient();
  const reset = useMutation({
    mutationFn: () => api.delete(`users/${person.sid}/second-factor`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["users"] }),
  });
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{reset.isSuccess ? "Logs in with the password alone now." : "Logs in with a second factor."}</Text>
      <Button variant="default" size="xs" loading={reset.isPending} disabled={reset.isSuccess} onClick={() => reset.mutate()}>
        Phone lost: reset it
      </Button>
    </Group>
  );
}
