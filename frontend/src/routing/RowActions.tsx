import { ActionIcon, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconEye, IconPencil, IconTrash } from "@tabler/icons-react";

import { useCanEdit } from "./api";

type Props = {
  /** What the row is called, for the buttons' names. */
  name: string;
  onOpen?: () => void;
  onDelete?: () => void;
  /** What deleting it means, asked before. */
  warning?: string;
  noun: string;
};

/** Edit (or look, for who may not change it) and delete. */
export function RowActions({ name, noun, onOpen, onDelete, warning }: Props) {
  const canEdit = useCanEdit();
  const confirm = () =>
    modals.openConfirmModal({
      title: `Delete this ${noun}?`,
      children: <Text size="sm">{warning}</Text>,
      labels: { confirm: `Delete ${noun}`, cancel: "Keep it" },
      confirmProps: { color: "clay" },
      onConfirm: onDelete,
    });
  return (
    <>
      {onOpen && (
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`${canEdit ? "Edit" : "Look at"} ${name}`} onClick={onOpen}>
          {canEdit ? <IconPencil size={17} stroke={1.7} /> : <IconEye size={17} stroke={1.7} />}
        </ActionIcon>
      )}
      {canEdit && onDelete && (
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Delete ${name}`} onClick={confirm}>
          <IconTrash size={17} stroke={1.7} />
        </ActionIcon>
      )}
    </>
  );
}
