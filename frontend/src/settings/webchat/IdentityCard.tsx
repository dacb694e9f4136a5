import { Alert, Button, Code, Group, Select, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import { CopyLine } from "./CopyLine";
import type { Webchat, WebchatSettings } from "./settings";

const KEPT = [
  { value: "0", label: "ends at once" },
  { value: "3600", label: "holds for an hour" },
  { value: "86400", label: "holds for a day" },
  { value: "604800", label: "holds for a week" },
];

type Props = { webchat: Webchat; identity: WebchatSettings["identity"]; onChange: (identity: WebchatSettings["identity"]) => void };

/** Whether a site's own users are known here, and the secret its server signs them with. */
export function IdentityCard({ webchat, identity, onChange }: Props) {
  const client = useQueryClient();
  const [kept, setKept] = useState("86400");
  const renew = useMutation({
    mutationFn: () => api.post<{ secret: string }>(`webchats/${webchat.sid}/identity-secret`, { keep_old_seconds: Number(kept) }),
    onSuccess: () => client.invalidateQueries({ queryKey: ["webchats"] }),
  });
  const ask = () => {
    if (!webchat.has_identity_secret) return renew.mutate();
    modals.openConfirmModal({
      title: "Make another secret?",
      children: <Text size="sm">Your servers need the new one. What the old one signed {KEPT.find(({ value }) => value === kept)?.label}.</Text>,
      labels: { confirm: "Make another secret", cancel: "Cancel" },
      onConfirm: () => renew.mutate(),
    });
  };
  return (
    <Stack gap="sm">
      <Select
        label="Logged-in users"
        description="Your server signs who they are; they find their open chat again in every browser."
        allowDeselect={false}
        data={[
          { value: "off", label: "Not used: everybody is a visitor" },
          { value: "optional", label: "Signed users and visitors" },
          { value: "required", label: "Signed users only" },
        ]}
        value={identity}
        onChange={(value) => value && onChange(value as WebchatSettings["identity"])}
      />
      {identity !== "off" && !webchat.has_identity_secret && (
        <Alert color="amber" variant="light">
          There is no secret yet, so nobody can be signed.
        </Alert>
      )}
      <Group align="flex-end" gap="sm">
        {webchat.has_identity_secret && <Select label="The old secret" data={KEPT} value={kept} allowDeselect={false} onChange={(value) => value && setKept(value)} />}
        <Button variant="default" loading={renew.isPending} onClick={ask}>
          {webchat.has_identity_secret ? "Make another secret" : "Make a secret"}
        </Button>
      </Group>
      {renew.isError && (
        <Alert color="clay" variant="light" role="alert">
          {renew.error.message}
        </Alert>
      )}
      {renew.data && (
        <Alert color="petrol" variant="light" title="Copy the secret now: it is not shown again" role="status">
          <CopyLine label="secret" text={renew.data.secret} />
        </Alert>
      )}
      <Text size="xs" c="dimmed">
        A token is a JWT (HS256) with <Code>sub</Code> and <Code>exp</Code>, on the tag as <Code>data-identity</Code>. The manual has a server in ten lines.
      </Text>
    </Stack>
  );
}
