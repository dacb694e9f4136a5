import { ActionIcon, Button, Code, Group, MultiSelect, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconKey, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { inFormsWords } from "../core/refusals";
import type { ApiKey } from "./people";
import { SecretOnce } from "./SecretOnce";

const NAMES = { friendly_name: "Name of the new key", scopes: "What it may do" };

type NewKey = ApiKey & { secret: string };

/** The keys with which programs call the REST APIs. */
export function ApiKeysPanel() {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string[]>([]);
  const [made, setMade] = useState<NewKey | null>(null);
  const query = useQuery({ queryKey: ["api-keys"], queryFn: () => api.get<{ api_keys: ApiKey[]; scopes: string[] }>("api-keys") });
  const refresh = () => client.invalidateQueries({ queryKey: ["api-keys"] });
  const create = useMutation({
    mutationFn: () => api.post<NewKey>("api-keys", { friendly_name: name.trim(), scopes }),
    onSuccess: async (key) => {
      setMade(key);
      setName("");
      setScopes([]);
      await refresh();
    },
  });
  const end = useMutation({
    mutationFn: (key: ApiKey) => api.delete(`api-keys/${key.sid}`),
    onSuccess: refresh,
    onError: (error) => notifications.show({ color: "clay", title: "The key still works", message: error.message }),
  });
  const confirm = (key: ApiKey) =>
    modals.openConfirmModal({
      title: `End the key “${key.friendly_name}”?`,
      children: <Text size="sm">Programs that use it are refused from this moment. This cannot be undone.</Text>,
      labels: { confirm: "End the key", cancel: "Keep it" },
      confirmProps: { color: "clay" },
      onConfirm: () => end.mutate(key),
    });

  if (query.isPending) return <LoadingState label="Reading the keys" />;
  if (query.isError) return <ErrorState title="The keys cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const keys = query.data.api_keys;

  return (
    <>
      <Group justify="space-between" mb="md" align="flex-end">
        <Text size="sm" c="dimmed" maw={520}>
          A program calls the REST APIs with a key: its SID is the user name, its secret the password. Give each program its own.
        </Text>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) create.mutate();
          }}
        >
          <Group align="flex-end" gap="xs">
            <TextInput label="Name of the new key" placeholder="CRM" maxLength={120} error={create.error && inFormsWords(create.error.message, NAMES)} value={name} onChange={(event) => setName(event.currentTarget.value)} />
            <MultiSelect label="What it may do" placeholder={scopes.length === 0 ? "Everything" : undefined} w={260} data={query.data.scopes} value={scopes} onChange={setScopes} />
            <Button type="submit" loading={create.isPending} disabled={!name.trim()}>
              Create key
            </Button>
          </Group>
        </form>
      </Group>
      {made && <SecretOnce of={made.friendly_name} secret={made.secret} onClose={() => setMade(null)} />}
      {keys.length === 0 ? (
        <EmptyState icon={<IconKey size={26} stroke={1.6} />} title="No key yet">
          The account SID and its auth token work as well; a key can be ended without changing those.
        </EmptyState>
      ) : (
        <div className="card table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">SID</th>
                <th scope="col">May do</th>
                <th scope="col">Last used</th>
                <th scope="col">Created</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {keys.map((key) => (
                <tr key={key.sid}>
                  <td>
                    <strong>{key.friendly_name}</strong>
                  </td>
                  <td>
                    <Code>{key.sid}</Code>
                  </td>
                  <td>{key.scopes.length > 0 ? key.scopes.join(", ") : "Everything"}</td>
                  <td>{key.last_used ? new Date(key.last_used).toLocaleString() : <span className="table__sub">Never</span>}</td>
                  <td>{new Date(key.date_created).toLocaleString()}</td>
                  <td className="table__actions">
                    <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`End ${key.friendly_name}`} onClick={() => confirm(key)}>
                      <IconTrash size={17} stroke={1.7} />
                    </ActionIcon>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
