import { ActionIcon, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconEye, IconPencil, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";

type Props = {
  /** What the row is called, for the buttons' names. */
  name: string;
  noun: string;
  onOpen?: () => void;
  onDelete?: () => void;
  /** What deleting it means, asked before. */
  warning?: string;
  /** How the question is put, where “this …” does not tell which. */
  question?: string;
  readOnly?: boolean;
  /** Further things to do with it, before these. */
  children?: ReactNode;
};

/** Edit (or look, for who may not change it) and delete. */
export function RowActions({ name, noun, onOpen, onDelete, warning, question = `Delete this ${noun}?`, readOnly, children }: Props) {
  const confirm = () =>
    modals.openConfirmModal({
      title: question,
      children: <Text size="sm">{warning}</Text>,
      labels: { confirm: `Delete ${noun}`, cancel: "Keep it" },
      confirmProps: { color: "clay" },
      // Above a dialog that the list stands in.
      zIndex: 400,
      onConfirm: onDelete,
    });
  return (
    <>
      {children}
      {onOpen && (
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`${readOnly ? "Look at" : "Edit"} ${name}`} onClick={onOpen}>
          {readOnly ? <IconEye size={17} stroke={1.7} /> : <IconPencil size={17} stroke={1.7} />}
        </ActionIcon>
      )}
      {!readOnly && onDelete && (
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Delete ${name}`} onClick={confirm}>
          <IconTrash size={17} stroke={1.7} />
        </ActionIcon>
      )}
    </>
  );
}
