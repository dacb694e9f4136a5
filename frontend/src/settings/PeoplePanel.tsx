import { ActionIcon, Badge, Button } from "@mantine/core";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { PanelHead } from "../app/PanelHead";
import { ErrorState, LoadingState } from "../app/states";
import { ROLES, type Person } from "./people";
import { PersonDialog } from "./PersonDialog";

/** Everybody who may log in. */
export function PeoplePanel() {
  const [edited, setEdited] = useState<Person | "new" | null>(null);
  const query = useQuery({ queryKey: ["users"], queryFn: () => api.get<{ users: Person[]; skills: string[] }>("users") });
  if (query.isPending) return <LoadingState label="Reading the people" />;
  if (query.isError) return <ErrorState title="The people cannot be read" error={query.error} onRetry={() => void query.refetch()} />;

  return (
    <>
      <PanelHead
        action={
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
            New person
          </Button>
        }
      >
        Whoever takes tasks is offered conversations in the console; capacities are set under Routing.
      </PanelHead>
      <div className="card table-scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Tasks</th>
              <th scope="col">Teams</th>
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
                  {person.second_factor && (
                    <Badge variant="light" color="petrol">
                      Two-factor
                    </Badge>
                  )}{" "}
                  {!person.is_active && (
                    <Badge variant="light" color="gray">
                      Locked
                    </Badge>
                  )}
                </td>
                <td>
                  {person.worker_sid ? "Takes tasks" : <span className="table__sub">None</span>}
                  {person.skills.length > 0 && <div className="table__sub">{person.skills.join(", ")}</div>}
                </td>
                <td>{person.teams.map((team) => team.name).join(", ")}</td>
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
      <PersonDialog person={edited} skills={query.data.skills} onClose={() => setEdited(null)} />
    </>
  );
}
