import { ActionIcon, CopyButton, Group, Modal, PasswordInput, Select, Stack, Switch, TagsInput, TextInput } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../api/client";
import { FormFoot } from "../app/FormFoot";
import { NotSaved } from "../app/NotSaved";
import { providerDraft, providerProblems, type IdentityProvider, type ProviderDraft } from "./account";
import { ROLES, type Role } from "./people";

const NAMES = {
  slug: "Short name", name: "Name", issuer: "Issuer", client_id: "Client id", client_secret: "Client secret", new_user_role: "People nobody knows yet",
  domains: "E-mail domains",
};

type Props = { provider: IdentityProvider | "new" | null; onClose: () => void };

export function ProviderDialog({ provider, onClose }: Props) {
  return (
    <Modal opened={provider !== null} onClose={onClose} title={provider === "new" ? "New identity provider" : "Identity provider"} size="lg">
      {provider !== null && <Body provider={provider === "new" ? null : provider} onClose={onClose} />}
    </Modal>
  );
}

function Body({ provider, onClose }: { provider: IdentityProvider | null; onClose: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<ProviderDraft>(() => providerDraft(provider));
  const [shown, setShown] = useState(false);
  const problems = providerProblems(draft, provider === null);
  const problem = (name: keyof ProviderDraft) => (shown ? problems[name] : undefined);
  const set = (change: Partial<ProviderDraft>) => setDraft((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: () => (provider ? api.put(`identity-providers/${provider.sid}`, draft) : api.post("identity-providers", draft)),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["identity-providers"] });
      onClose();
    },
  });
  const callback = provider?.callback_url ?? `${window.location.origin}/sso/${draft.slug || "short-name"}/login/callback/`;

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
        <Group grow align="flex-start">
          <TextInput label="Name" placeholder="Acme" error={problem("name")} value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} />
          <TextInput
            label="Short name"
            placeholder="acme"
            error={problem("slug")}
            disabled={provider !== null}
            value={draft.slug}
            onChange={(event) => set({ slug: event.currentTarget.value })}
          />
        </Group>
        <TextInput
          label="Address to come back to"
          description="Tell the provider this one (redirect URI)."
          readOnly
          value={callback}
          rightSection={
            <CopyButton value={callback}>
              {({ copied, copy }) => (
                <ActionIcon variant="subtle" color={copied ? "petrol" : "gray"} aria-label={copied ? "Copied" : "Copy the address"} onClick={copy}>
                  {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
                </ActionIcon>
              )}
            </CopyButton>
          }
        />
        <TextInput
          label="Issuer"
          placeholder="https://login.example.com/realms/acme"
          error={problem("issuer")}
          value={draft.issuer}
          onChange={(event) => set({ issuer: event.currentTarget.value })}
        />
        <Group grow align="flex-start">
          <TextInput label="Client id" error={problem("client_id")} value={draft.client_id} onChange={(event) => set({ client_id: event.currentTarget.value })} />
          <PasswordInput
            label="Client secret"
            autoComplete="off"
            placeholder={provider ? "Kept as it is" : undefined}
            error={problem("client_secret")}
            value={draft.client_secret}
            onChange={(event) => set({ client_secret: event.currentTarget.value })}
          />
        </Group>
        <Select
          label="People nobody knows yet"
          description="Whoever has the e-mail address of a user here is that user."
          data={[{ value: "", label: "Are not let in" }, ...ROLES.map(({ value, label }) => ({ value, label: `Become a user: ${label.toLowerCase()}` }))]}
          allowDeselect={false}
          value={draft.new_user_role}
          onChange={(role) => set({ new_user_role: (role ?? "") as Role | "" })}
        />
        <TagsInput
          label="E-mail domains"
          description="Only addresses of these domains; none: any."
          placeholder={draft.domains.length === 0 ? "example.com" : undefined}
          value={draft.domains}
          onChange={(domains) => set({ domains })}
        />
        {provider && <Switch label="Switched on" checked={draft.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />}
      </Stack>
      <FormFoot label="Save provider" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}
