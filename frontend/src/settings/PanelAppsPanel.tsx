import { ActionIcon, Badge, Button, Checkbox, Modal, Stack, Switch, Text, TextInput } from "@mantine/core";
import { modals } from "@mantine/modals";
import { notifications } from "@mantine/notifications";
import { IconApps, IconKey, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import type { PanelApp, PanelAppWithSecret } from "../api/console-types";
import { FormFoot } from "../app/FormFoot";
import { NotSaved } from "../app/NotSaved";
import { PanelHead } from "../app/PanelHead";
import { RowActions } from "../app/RowActions";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { SecretOnce } from "./SecretOnce";

const APPS = ["panel-apps"];
const SHARES = [
  { value: "customer", label: "The customer’s name and address" },
  { value: "attributes", label: "The task’s attributes" },
];
const NAMES = { name: "Name", url: "Address", shares: "It is told", enabled: "Shown in the consoles" };

/** Pages of other sites beside the chat: the CRM, the shop. Each has a secret that signs what it is told. */
export function Panel() {
  const client = useQueryClient();
  const [edited, setEdited] = useState<PanelApp | "new" | null>(null);
  const [made, setMade] = useState<PanelAppWithSecret | null>(null);
  const query = useQuery({ queryKey: APPS, queryFn: async () => (await api.get<{ apps: PanelApp[] }>("panel-apps")).apps });
  const refresh = () => client.invalidateQueries({ queryKey: APPS });
  const failed = (error: Error) => notifications.show({ color: "clay", title: "That did not work", message: error.message });
  const remove = useMutation({ mutationFn: (app: PanelApp) => api.delete(`panel-apps/${app.sid}`), onSuccess: refresh, onError: failed });
  const renew = useMutation({
    mutationFn: (app: PanelApp) => api.post<PanelAppWithSecret>(`panel-apps/${app.sid}/secret`, {}),
    onSuccess: setMade,
    onError: failed,
  });
  const confirmRenewal = (app: PanelApp) =>
    modals.openConfirmModal({
      title: `Another secret for “${app.name}”?`,
      children: <Text size="sm">The app refuses what Flowdesk tells it until it knows the new secret.</Text>,
      labels: { confirm: "Make another secret", cancel: "Keep the old one" },
      onConfirm: () => renew.mutate(app),
    });

  if (query.isPending) return <LoadingState label="Reading the apps" />;
  if (query.isError) return <ErrorState title="The apps cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      <PanelHead
        action={
          <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
            New app
          </Button>
        }
      >
        A page of another site beside every chat: your CRM, your shop. It runs in a sandbox, and is told who the customer is by a
        token that only your app’s secret signs.
      </PanelHead>
      {made && <SecretOnce of={made.name} secret={made.secret} onClose={() => setMade(null)} />}
      {query.data.length === 0 ? (
        <EmptyState icon={<IconApps size={26} stroke={1.6} />} title="No app yet">
          Add the address of a page that shows what agents need.
        </EmptyState>
      ) : (
        <div className="card table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">App</th>
                <th scope="col">Is told</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {query.data.map((app) => (
                <tr key={app.sid}>
                  <td>
                    <strong>{app.name}</strong>{" "}
                    {!app.enabled && (
                      <Badge variant="light" color="gray" size="sm">
                        Off
                      </Badge>
                    )}
                    <div className="table__sub" style={{ overflowWrap: "anywhere" }}>
                      {app.url}
                    </div>
                  </td>
                  <td>{["the agent and the task’s SIDs", ...app.shares].join(", ")}</td>
                  <td className="table__actions">
                    <RowActions
                      name={app.name}
                      noun="app"
                      question={`Delete “${app.name}”?`}
                      warning="It leaves every console, and its secret signs nothing any more."
                      onOpen={() => setEdited(app)}
                      onDelete={() => remove.mutate(app)}
                    >
                      <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Another secret for ${app.name}`} onClick={() => confirmRenewal(app)}>
                        <IconKey size={17} stroke={1.7} />
                      </ActionIcon>
                    </RowActions>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Modal opened={edited !== null} onClose={() => setEdited(null)} title={edited === "new" ? "New app" : "App"} closeButtonProps={{ "aria-label": "Close" }}>
        {edited && (
          <Form
            app={edited === "new" ? null : edited}
            onSaved={(saved) => {
              if ("secret" in saved) setMade(saved as PanelAppWithSecret);
              setEdited(null);
              void refresh();
            }}
            onCancel={() => setEdited(null)}
          />
        )}
      </Modal>
    </>
  );
}

type FormProps = { app: PanelApp | null; onSaved: (app: PanelApp) => void; onCancel: () => void };

function Form({ app, onSaved, onCancel }: FormProps) {
  const [name, setName] = useState(app?.name ?? "");
  const [url, setUrl] = useState(app?.url ?? "https://");
  const [shares, setShares] = useState<string[]>(app?.shares ?? ["customer"]);
  const [enabled, setEnabled] = useState(app?.enabled ?? true);
  const save = useMutation({
    mutationFn: () => {
      const values = { name, url, shares };
      return app ? api.put<PanelApp>(`panel-apps/${app.sid}`, { ...values, enabled }) : api.post<PanelApp>("panel-apps", values);
    },
    onSuccess: onSaved,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={NAMES} />
        <TextInput label="Name" description="On the tab beside the customer" required maxLength={60} data-autofocus value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput label="Address" description="https://; http:// for this machine only" required maxLength={1_024} value={url} onChange={(event) => setUrl(event.currentTarget.value)} />
        <Checkbox.Group label="It is told, besides the agent and the SIDs" value={shares} onChange={setShares}>
          <Stack gap={8} mt={8}>
            {SHARES.map((share) => (
              <Checkbox key={share.value} {...share} />
            ))}
          </Stack>
        </Checkbox.Group>
        {app && <Switch label="Shown in the consoles" checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />}
      </Stack>
      <FormFoot label="Save app" isSaving={save.isPending} onCancel={onCancel} />
    </form>
  );
}
