import { Alert, Button, Group } from "@mantine/core";

import { useCanEdit } from "./api";

/** What the server refused, above a form. */
export function Refusal({ error }: { error: Error | null }) {
  if (!error) return null;
  return (
    <Alert color="clay" variant="light" role="alert" title="Not saved">
      {error.message}
    </Alert>
  );
}

type Props = { label: string; isSaving: boolean; onCancel: () => void };

/** The end of a form: save or leave; only leave for who may not change it. */
export function FormFoot({ label, isSaving, onCancel }: Props) {
  const canEdit = useCanEdit();
  return (
    <Group justify="flex-end" mt="lg">
      <Button variant="default" onClick={onCancel}>
        {canEdit ? "Cancel" : "Close"}
      </Button>
      {canEdit && (
        <Button type="submit" loading={isSaving}>
          {label}
        </Button>
      )}
    </Group>
  );
}
