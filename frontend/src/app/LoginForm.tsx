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
  const { logIn } = useSessionState();
  const [username, setUsername] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (!username.trim() || !password) {
      setError("Fill in your user name and your password.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await logIn({ username: username.trim(), password });
      onDone?.();
    } catch (failure) {
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
        <TextInput
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
          label="Password"
          name="password"
          autoComplete="current-password"
          autoFocus={Boolean(known)}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} fullWidth>
          Log in
        </Button>
      </Stack>
    </form>
  );
}
