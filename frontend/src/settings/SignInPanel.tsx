import { Badge, Button, Group, Select, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconLogin2, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { NotSaved } from "../app/NotSaved";
import { RowActions } from "../app/RowActions";
import { EmptyState, ErrorState, LoadingState } from "../app/states";
import { RULES, type Account, type IdentityProvider, type SecondFactorRule } from "./account";
import { ROLES } from "./people";
import { ProviderDialog } from "./ProviderDialog";

/** How people prove who they are: a second factor, and other systems that vouch for them. */
export function SignInPanel() {
  return (
    <>
      <SecondFactorRuleForm />
      <Providers />
    </>
  );
}

function SecondFactorRuleForm() {
  const client = useQueryClient();
  const query = useQuery({ queryKey: ["account"], queryFn: () => api.get<Account>("account") });
  const save = useMutation({
    mutationFn: (rule: SecondFactorRule) => api.put<Account>("account", { second_factor: rule }),
    onSuccess: (saved) => client.setQueryData(["account"], saved),
  });
  return (
    <section className="settings__block" aria-labelledby="second-factor-title">
      <Title order={2} size="h4" id="second-factor-title">
        Two-factor log-in
      </Title>
      <Text size="sm" c="dimmed" maw={620} mb="sm">
        A code of an app on the phone, besides the password. Whoever has to and has not set it up yet does so at the next log-in.
      </Text>
      <NotSaved error={save.error} names={{ second_factor: "Needed by" }} mb="sm" />
      <Select
        label="Needed by"
        w={280}
        allowDeselect={false}
        disabled={!query.data || save.isPending}
        data={RULES}
        value={query.data?.second_factor ?? null}
        onChange={(rule) => rule && save.mutate(rule as SecondFactorRule)}
      />
    </section>
  );
}

function Providers() {
  const client = useQueryClient();
  const [edited, setEdited] = useState<IdentityProvider | "new" | null>(null);
  const query = useQuery({ queryKey: ["identity-providers"], queryFn: () => api.get<{ providers: IdentityProvider[] }>("identity-providers") });
  const remove = useMutation({
    mutationFn: (provider: IdentityProvider) => api.delete(`identity-providers/${provider.sid}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["identity-providers"] }),
    onError: (error) => notifications.show({ color: "clay", title: "The provider is still there", message: error.message }),
  });

  return (
    <section className="settings__block" aria-labelledby="providers-title">
      <Group justify="space-between" align="flex-end" mb="sm">
        <div>
          <Title order={2} size="h4" id="providers-title">
            Single sign-on
          </Title>
          <Text size="sm" c="dimmed" maw={620}>
            OpenID Connect: Keycloak, Entra ID, Google Workspace, Okta and others. Their people get a button on the log-in page.
          </Text>
        </div>
        <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
          New provider
        </Button>
      </Group>
      {query.isPending && <LoadingState label="Reading the providers" />}
      {query.isError && <ErrorState title="The providers cannot be read" error={query.error} onRetry={() => void query.refetch()} />}
      {query.data?.providers.length === 0 && (
        <EmptyState icon={<IconLogin2 size={26} stroke={1.6} />} title="No provider yet">
          Everybody logs in with a user name and a password.
        </EmptyState>
      )}
      {query.data && query.data.providers.length > 0 && (
        <div className="card table-scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Issuer</th>
                <th scope="col">New people</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {query.data.providers.map((provider) => (
                <tr key={provider.sid}>
                  <td>
                    <strong>{provider.name}</strong>{" "}
                    {!provider.enabled && (
                      <Badge variant="light" color="gray">
                        Off
                      </Badge>
                    )}
                  </td>
                  <td>
                    {provider.issuer}
                    {provider.domains.length > 0 && <div className="table__sub">{provider.domains.join(", ")}</div>}
                  </td>
                  <td>{ROLES.find((role) => role.value === provider.new_user_role)?.label ?? <span className="table__sub">Not let in</span>}</td>
                  <td className="table__actions">
                    <RowActions
                      name={provider.name}
                      noun="provider"
                      question={`Delete “${provider.name}”?`}
                      warning="Nobody logs in by it any more. The people stay; those without a password need one."
                      onOpen={() => setEdited(provider)}
                      onDelete={() => remove.mutate(provider)}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <ProviderDialog provider={edited} onClose={() => setEdited(null)} />
    </section>
  );
}
