import { Group, Modal, PasswordInput, Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api } from "../../api/client";
import type { Connection, ConnectionType } from "../../api/types";
import { FormFoot } from "../../app/FormFoot";
import { NotSaved } from "../../app/NotSaved";
import { ErrorState, LoadingState } from "../../app/states";
import { addressExample, connectionBody, connectionDraft, connectionProblems, kindLabel, kindOf, limitsInWords, namesOf, WEB_CHAT, type ConnectionDraft } from "./connection";

type Props = { connection: Connection | "new" | null; onClose: () => void; onSaved: (connection: Connection) => void };

export function ConnectionDialog({ connection, onClose, onSaved }: Props) {
  return (
    <Modal opened={connection !== null} onClose={onClose} title={connection === "new" ? "New connection" : "Connection"} size="lg">
      {connection !== null && <Loaded connection={connection === "new" ? null : connection} onClose={onClose} onSaved={onSaved} />}
    </Modal>
  );
}

type BodyProps = { connection: Connection | null; onClose: () => void; onSaved: (connection: Connection) => void };

function Loaded(props: BodyProps) {
  const query = useQuery({ queryKey: ["connection-types"], queryFn: () => api.get<{ types: ConnectionType[] }>("connections/types"), staleTime: Infinity });
  if (query.isPending) return <LoadingState label="Reading what can be connected" />;
  if (query.isError) return <ErrorState title="The kinds of connections cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  return <Body {...props} types={[...query.data.types, WEB_CHAT]} />;
}

function Body({ connection, onClose, onSaved, types }: BodyProps & { types: ConnectionType[] }) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<ConnectionDraft>(() => connectionDraft(connection));
  const [shown, setShown] = useState(false);
  const type = types.find((one) => kindOf(one) === draft.kind);
  const problems = connectionProblems(draft, type, connection);
  const problem = (name: string) => (shown ? problems[name] : undefined);
  const set = (change: Partial<ConnectionDraft>) => setDraft((before) => ({ ...before, ...change }));
  const save = useMutation({
    mutationFn: () =>
      connection
        ? api.put<Connection>(`connections/${connection.sid}`, connectionBody(draft, false))
        : api.post<Connection>("connections", connectionBody(draft, true)),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: ["connections"] });
      onSaved(saved);
    },
  });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setShown(true);
        if (Object.keys(problems).length === 0) save.mutate();
      }}
    >
      <Stack gap="md">
        <NotSaved error={save.error} names={namesOf(type)} />
        <Select
          label="Channel and carrier"
          placeholder="Choose one"
          searchable
          allowDeselect={false}
          disabled={connection !== null}
          error={problem("kind")}
          data={types.map((one) => ({ value: kindOf(one), label: kindLabel(one) }))}
          value={draft.kind || null}
          onChange={(kind) => kind && set({ kind, credentials: {} })}
        />
        {type && (
          <>
            <Text size="sm" c="dimmed">
              {limitsInWords(type).join(" ")}
            </Text>
            <Group grow align="flex-start">
              <TextInput
                label="Our address"
                placeholder={addressExample(type.type)}
                disabled={connection !== null}
                error={problem("address")}
                value={draft.address}
                onChange={(event) => set({ address: event.currentTarget.value })}
              />
              <TextInput label="Name" placeholder="Main number" value={draft.friendly_name} onChange={(event) => set({ friendly_name: event.currentTarget.value })} />
            </Group>
            <Credentials type={type} connection={connection} values={draft.credentials} problem={problem} onChange={(credentials) => set({ credentials })} />
            {type.provider !== "web" && type.provider !== "sandbox" && (
              <Group grow align="flex-start">
                <TextInput
                  label="Other API address"
                  description="Only for a stand-in or a proxy."
                  placeholder="The provider’s own"
                  error={problem("api_base_url")}
                  value={draft.api_base_url}
                  onChange={(event) => set({ api_base_url: event.currentTarget.value })}
                />
                <TextInput
                  label="Messages a second"
                  description="Empty: the channel’s own figure."
                  inputMode="decimal"
                  error={problem("rate_per_second")}
                  value={draft.rate_per_second}
                  onChange={(event) => set({ rate_per_second: event.currentTarget.value })}
                />
              </Group>
            )}
          </>
        )}
      </Stack>
      <FormFoot label="Save connection" isSaving={save.isPending} onCancel={onClose} />
    </form>
  );
}

type CredentialsProps = {
  type: ConnectionType;
  connection: Connection | null;
  values: Record<string, string>;
  problem: (name: string) => string | undefined;
  onChange: (values: Record<string, string>) => void;
};

/** The provider's keys: written, and never shown again. */
function Credentials({ type, connection, values, problem, onChange }: CredentialsProps) {
  return type.credentials.map((field) => {
    const kept = connection?.credentials_set.includes(field.name) ?? false;
    const props = {
      label: field.label,
      withAsterisk: field.required,
      autoComplete: "off",
      placeholder: kept ? "Kept as it is" : undefined,
      error: problem(`credentials.${field.name}`),
      value: values[field.name] ?? "",
      onChange: (event: { currentTarget: { value: string } }) => onChange({ ...values, [field.name]: event.currentTarget.value }),
    };
    // A key in PEM form has many lines, and a password field has one.
    if (field.name === "private_key") return <Textarea key={field.name} {...props} autosize minRows={2} maxRows={6} spellCheck={false} />;
    return field.secret ? <PasswordInput key={field.name} {...props} /> : <TextInput key={field.name} {...props} />;
  });
}
