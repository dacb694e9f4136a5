import { ActionIcon, Badge, Button, Group, Text } from "@mantine/core";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { ErrorState, LoadingState } from "../app/states";
import { PersonDialog } from "./PersonDialog";
import { ROLES, type Person } from "./people";

/** Everybody who may log in. */
export function PeoplePanel() {
  const [edited, setEdited] = useState<Person | "new" | null>(null);
  const query = useQuery({ queryKey: ["users"], queryFn: () => api.get<{ users: Person[] }>("users") });
  if (query.isPending) return <LoadingState label="Reading the people" />;
  if (query.isError) return <ErrorState title="The people cannot be read" error={query.error} onRetry={() => void query.refetch()} />;

  return (
    <>
      <Group justify="space-between" mb="md" align="flex-end">
        <Text size="sm" c="dimmed" maw={560}>
          Whoever takes tasks is offered conversations in the console; skills and capacities are set under Routing.
        </Text>
        <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
          New person
        </Button>
      </Group>
      <div className="card table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Tasks</th>
              <th scope="col">Last log-in</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {query.data.users.map((person) => (
              <tr key={person.sid}>
                <td>
                  <strong>{person.name}</strong>
                  <div className="table__sub">{[person.username, person.email].filter(Boolean).join(" · ")}</div>
                </td>
                <td>
                  {ROLES.find((role) => role.value === person.role)?.label}{" "}
                  {!person.is_active && (
                    <Badge variant="light" color="gray">
                      Locked
                    </Badge>
                  )}
                </td>
                <td>{person.worker_sid ? "Takes tasks" : <span className="table__sub">None</span>}</td>
                <td>{person.last_login ? new Date(person.last_login).toLocaleString() : <span className="table__sub">Never</span>}</td>
                <td className="table__actions">
                  <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Edit ${person.username}`} onClick={() => setEdited(person)}>
                    <IconPencil size={17} stroke={1.7} />
                  </ActionIcon>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <PersonDialog person={edited} onClose={() => setEdited(null)} />
    </>
  );
}
