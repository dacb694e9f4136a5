import { Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { NotSaved } from "../app/NotSaved";
import { ErrorState, LoadingState } from "../app/states";
import type { Account } from "./account";

/** The account's name and the time zone its flows and reports count in. */
export function AccountPanel() {
  const query = useQuery({ queryKey: ["account"], queryFn: () => api.get<Account>("account") });
  if (query.isPending) return <LoadingState label="Reading the account" />;
  if (query.isError) return <ErrorState title="The account cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return <AccountForm account={query.data} />;
}

function AccountForm({ account }: { account: Account }) {
  const client = useQueryClient();
  const [name, setName] = useState(account.name);
  const [zone, setZone] = useState(account.time_zone);
  const save = useMutation({
    mutationFn: () => api.put<Account>("account", { name, time_zone: zone }),
    onSuccess: (saved) => {
      client.setQueryData(["account"], saved);
      notifications.show({ color: "petrol", title: "Saved", message: "The account is called and counted this way from now on." });
    },
  });
  const isChanged = name.trim() !== account.name || zone !== account.time_zone;
  return (
    <form
      className="settings__form"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={{ name: "Name", time_zone: "Time zone" }} />
        <TextInput label="Name" maxLength={120} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput label="Account SID" readOnly value={account.sid} description="The user name of the REST APIs." />
        <Select
          label="Time zone"
          description="Dates in flows' texts and in reports are of this zone."
          searchable
          allowDeselect={false}
          limit={100}
          data={account.time_zones}
          value={zone}
          onChange={(value) => value && setZone(value)}
        />
      </Stack>
      <Group mt="lg">
        <Button type="submit" loading={save.isPending} disabled={!isChanged || !name.trim()}>
          Save account
        </Button>
      </Group>
    </form>
  );
}
