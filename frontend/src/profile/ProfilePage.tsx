import "./profile.css";

import { Badge, Button, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { ErrorState, LoadingState } from "../app/states";
import { changePassword, endSecondFactor, readProfile, renewRecoveryCodes, type Profile } from "./api";
import { RecoveryCodes, Refused, SecondFactorSetup } from "./SecondFactorSetup";

/** What somebody sets for themselves: password and second factor. */
export function ProfilePage() {
  useDocumentTitle("Your user · Flowdesk");
  const query = useQuery({ queryKey: ["profile"], queryFn: readProfile });
  if (query.isPending) return <LoadingState tall label="Reading your user" />;
  if (query.isError) return <ErrorState tall title="Your user cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const profile = query.data;
  return (
    <div className="page profile">
      <header className="page__head">
        <div className="page__title">
          <Title order={1} size="h2">
            {profile.name}
          </Title>
          <Text size="sm" c="dimmed">
            {[profile.username, profile.email, profile.role].filter(Boolean).join(" · ")}
          </Text>
        </div>
      </header>
      <section className="card profile__part" aria-labelledby="second-factor">
        <Group gap="sm" mb="xs">
          <Title order={2} size="h4" id="second-factor">
            Second factor
          </Title>
          <Badge variant="light" color={profile.second_factor.on ? "petrol" : "gray"}>
            {profile.second_factor.on ? "On" : "Off"}
          </Badge>
        </Group>
        <SecondFactor profile={profile} />
      </section>
      {profile.has_password && (
        <section className="card profile__part" aria-labelledby="password">
          <Title order={2} size="h4" mb="xs" id="password">
            Password
          </Title>
          <PasswordForm />
        </section>
      )}
    </div>
  );
}

function SecondFactor({ profile }: { profile: Profile }) {
  const client = useQueryClient();
  const [code, setCode] = useState("");
  const refresh = () => client.invalidateQueries({ queryKey: ["profile"] });
  const end = useMutation({ mutationFn: () => endSecondFactor(code), onSuccess: refresh, onSettled: () => setCode("") });
  const renew = useMutation({ mutationFn: () => renewRecoveryCodes(code), onSettled: () => setCode("") });
  const { on, demanded, recovery_codes_left: left } = profile.second_factor;

  if (renew.data) {
    return (
      <RecoveryCodes
        codes={renew.data.recovery_codes}
        onDone={() => {
          renew.reset();
          void refresh();
        }}
      />
    );
  }
  if (!on) {
    return (
      <>
        <Text size="sm" c="dimmed" mb="md">
          A code of an app on your phone, asked for after your password.
        </Text>
        <SecondFactorSetup onDone={() => void refresh()} />
      </>
    );
  }
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        {left} recovery {left === 1 ? "code is" : "codes are"} left.{demanded && " Your account demands a second factor."}
      </Text>
      {(end.error ?? renew.error) && <Refused error={(end.error ?? renew.error)!} />}
      <TextInput label="Code of the app, or a recovery code" maw={260} autoComplete="one-time-code" value={code} onChange={(event) => setCode(event.currentTarget.value)} />
      <Group>
        <Button variant="default" loading={renew.isPending} disabled={!code.trim()} onClick={() => renew.mutate()}>
          New recovery codes
        </Button>
        {!demanded && (
          <Button variant="default" color="clay" loading={end.isPending} disabled={!code.trim()} onClick={() => end.mutate()}>
            Switch it off
          </Button>
        )}
      </Group>
    </Stack>
  );
}

function PasswordForm() {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const save = useMutation({
    mutationFn: () => changePassword(current, password),
    onSuccess: () => {
      setCurrent("");
      setPassword("");
      notifications.show({ color: "petrol", title: "Password changed", message: "Your other sessions have ended." });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="md" maw={340}>
        {save.isError && <Refused error={save.error} />}
        <PasswordInput label="Present password" autoComplete="current-password" value={current} onChange={(event) => setCurrent(event.currentTarget.value)} />
        <PasswordInput
          label="New password"
          description="At least 10 characters."
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Group>
          <Button type="submit" loading={save.isPending} disabled={!current || password.length < 10}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
