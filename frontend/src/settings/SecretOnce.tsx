import { ActionIcon, Alert, Code, CopyButton, Group } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

type Props = { of: string; secret: string; onClose: () => void };

/** A secret that the server tells when it makes it, and never again. */
export function SecretOnce({ of, secret, onClose }: Props) {
  return (
    <Alert color="petrol" variant="light" mb="md" role="status" title={`The secret of “${of}”, shown this once`} withCloseButton closeButtonLabel="I have kept it" onClose={onClose}>
      <Group gap="xs" wrap="nowrap">
        <Code style={{ overflowWrap: "anywhere" }}>{secret}</Code>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <ActionIcon variant="subtle" color={copied ? "petrol" : "gray"} aria-label={copied ? "Copied" : "Copy the secret"} onClick={copy}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          )}
        </CopyButton>
      </Group>
    </Alert>
  );
}
