import { Button, Modal, MultiSelect, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { FormFoot } from "../app/FormFoot";
import { NotSaved } from "../app/NotSaved";
import { PanelHead } from "../app/PanelHead";
import { RowActions } from "../app/RowActions";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import type { Person, Team } from "./people";

const NAMES = { name: "Name", members: "People" };

/** People who work together: supervisors filter by team, expressions of queues see it as `worker.team`. */
export function TeamsPanel() {
  const client = useQueryClient();
  const [edited, setEdited] = useState<Team | "new" | null>(null);
  const query = useQuery({ queryKey: ["teams"], queryFn: () => api.get<{ teams: Team[] }>("teams") });
  const remove = useMutation({
    mutationFn: (team: Team) => api.delete(`teams/${team.sid}`),
    onSuccess: () => Promise.all([client.invalidateQueries({ queryKey: ["teams"] }), client.invalidateQueries({ queryKey: ["users"] })]),
    onError: (error) => notifications.show({ color: "clay", title: "The team is still there", message: error.message }),
  });
  if (query.isPending) return <LoadingState label="Reading the teams" />;
  if (query.isError) return <ErrorState title="The teams cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { teams } = query.data;

  return (
    <>
      <PanelHead
        action={
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
            New team
          </Button>
        }
      >
        Supervisors filter by team, and a queue chooses by it: <code>worker.team HAS &quot;Night shift&quot;</code>.
      </PanelHead>
      {teams.length === 0 ? (
        <EmptyState icon={<IconUsersGroup size={26} stroke={1.6} />} title="No team yet">
          Group people by shift, site or product.
        </EmptyState>
      ) : (
        <div className="card table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">People</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {teams.map((team) => (
                <tr key={team.sid}>
                  <td>
                    <strong>{team.name}</strong>
                  </td>
                  <td>{team.members.length > 0 ? team.members.map((member) => member.name).join(", ") : <span className="table__sub">Nobody</span>}</td>
                  <td className="table__actions">
                    <RowActions
                      name={team.name}
                      noun="team"
                      question={`Delete the team “${team.name}”?`}
                      warning="Its people stay; expressions that ask for this team match nobody from then on."
                      onOpen={() => setEdited(team)}
                      onDelete={() => remove.mutate(team)}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Modal opened={edited !== null} onClose={() => setEdited(null)} title={edited === "new" ? "New team" : "Team"}>
        {edited !== null && <TeamForm team={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
      </Modal>
    </>
  );
}

function TeamForm({ team, onClose }: { team: Team | null; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(team?.name ?? "");
  const [members, setMembers] = useState(() => team?.members.map((member) => member.sid) ?? []);
  const people = useQuery({ queryKey: ["users"], queryFn: () => api.get<{ users: Person[] }>("users") });
  const save = useMutation({
    mutationFn: async () => {
      const { sid } = team ?? (await api.post<Team>("teams", { name }));
      return api.put<Team>(`teams/${sid}`, { name, members });
    },
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ["teams"] }), client.invalidateQueries({ queryKey: ["users"] })]);
      onClose();
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) save.mutate();
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={NAMES} />
        <TextInput label="Name" placeholder="Night shift" maxLength={80} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <MultiSelect
          label="People"
          searchable
          data={(people.data?.users ?? []).map((person) => ({ value: person.sid, label: person.name }))}
          value={members}
          onChange={setMembers}
          nothingFoundMessage="Nobody has this name"
        />
      </Stack>
      <FormFoot label="Save team" isSaving={save.isPending} disabled={!name.trim()} onCancel={onClose} />
    </form>
  );
}
