import { Button, Group } from "@mantine/core";

type Props = { label: string; isSaving: boolean; onCancel: () => void; disabled?: boolean; readOnly?: boolean };

/** The end of a form: save or leave; only leave for who may not change it. */
export function FormFoot({ label, isSaving, onCancel, disabled, readOnly }: Props) {
  return (
    <Group justify="flex-end" mt="lg">
      <Button variant="default" onClick={onCancel}>
        {readOnly ? "Close" : "Cancel"}
      </Button>
      {!readOnly && (
        <Button type="submit" loading={isSaving} disabled={disabled}>
          {label}
        </Button>
      )}
    </Group>
  );
}
