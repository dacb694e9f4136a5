import { Alert, Button, Code, CopyButton, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { beginSecondFactor, confirmSecondFactor } from "./api";

/** Scan, type the code, keep the recovery codes: `onDone` once these are kept. */
export function SecondFactorSetup({ onDone }: { onDone: () => void }) {
  const [code, setCode] = useState("");
  const begin = useMutation({ mutationFn: beginSecondFactor });
  const confirm = useMutation({ mutationFn: () => confirmSecondFactor(code), onError: () => setCode("") });

  if (confirm.data) return <RecoveryCodes codes={confirm.data.recovery_codes} onDone={onDone} />;
  if (!begin.data) {
    return (
      <Stack gap="sm" align="flex-start">
        {begin.isError && <Refused error={begin.error} />}
        <Button loading={begin.isPending} onClick={() => begin.mutate()}>
          Set up a second factor
        </Button>
      </Stack>
    );
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (code.trim()) confirm.mutate();
      }}
    >
      <Stack gap="md">
        {confirm.isError && <Refused error={confirm.error} />}
        <Group gap="lg" align="center" wrap="wrap">
          <img className="profile__qr" alt="QR code for an authenticator app" src={`data:image/svg+xml,${encodeURIComponent(begin.data.qr_svg)}`} />
          <Stack gap={6} maw={300}>
            <Text size="sm">Scan this with an authenticator app, or type the key in:</Text>
            <Code>{begin.data.secret.match(/.{1,4}/g)?.join(" ")}</Code>
          </Stack>
        </Group>
        <TextInput label="Code the app shows" inputMode="numeric" autoComplete="one-time-code" maw={220} value={code} onChange={(event) => setCode(event.currentTarget.value)} />
        <Group>
          <Button type="submit" loading={confirm.isPending} disabled={!code.trim()}>
            Confirm
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  return (
    <Stack gap="md">
      <Alert color="petrol" variant="light" role="status" title="Keep these recovery codes, shown this once">
        Each lets you in once when the phone is not at hand.
      </Alert>
      <ul className="profile__codes">
        {codes.map((each) => (
          <li key={each}>
            <Code>{each}</Code>
          </li>
        ))}
      </ul>
      <Group>
        <CopyButton value={codes.join("\n")}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? "Copied" : "Copy them"}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>I have kept them</Button>
      </Group>
    </Stack>
  );
}

export function Refused({ error }: { error: Error }) {
  return (
    <Alert color="clay" variant="light" role="alert">
      {error.message}
    </Alert>
  );
}
