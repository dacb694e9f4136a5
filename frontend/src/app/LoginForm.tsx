import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useState, type FormEvent } from "react";

import { ApiError } from "../api/client";
import { useSessionState } from "./session";

type Props = {
  /** Given when only the password is asked for again. */
  username?: string;
  onDone?: () => void;
};

export function LoginForm({ username: known, onDone }: Props) {
  const { logIn, giveCode } = useSessionState();
  const [code, setCode] = useState<string | null>(null);
  const [username, setUsername] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (code === null && (!username.trim() || !password)) {
      setError("Fill in your user name and your password.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      if (code === null) {
        const session = await logIn({ username: username.trim(), password });
        if (!session) {
          setCode("");
          return;
        }
      } else {
        await giveCode(code.trim());
      }
      onDone?.();
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 401) setCode(null);
      else if (code !== null) setCode("");
      setPassword("");
      setError(failure instanceof ApiError ? failure.message : "Logging in did not work. Try again.");
    } finally {
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      <Stack gap="md">
        {error && (
          <Alert color="clay" variant="light" role="alert">
            {error}
          </Alert>
        )}
        {code !== null && (
          <TextInput
            label="Code"
            description="Of the app on your phone, or a recovery code."
            name="code"
            inputMode="text"
            autoComplete="one-time-code"
            autoFocus
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
        )}
        <TextInput
          display={code === null ? undefined : "none"}
          label="User name"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus={!known}
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
        />
        <PasswordInput
          display={code === null ? undefined : "none"}
          label="Password"
          name="password"
          autoComplete="current-password"
          autoFocus={Boolean(known)}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} fullWidth>
          {code === null ? "Log in" : "Confirm"}
        </Button>
        {code !== null && (
          <Button variant="subtle" color="gray" fullWidth onClick={() => setCode(null)}>
            Back
          </Button>
        )}
      </Stack>
    </form>
  );
}
