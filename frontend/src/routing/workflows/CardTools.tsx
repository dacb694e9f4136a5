import { ActionIcon } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconGripVertical, IconTrash } from "@tabler/icons-react";

type Props = {
  /** As in "Move filter Gold up". */
  name: string;
  isFirst: boolean;
  isLast: boolean;
  onMove: (step: 1 | -1) => void;
  onRemove: () => void;
  /** Left out where a card is moved by its buttons only. */
  onDrag?: (isDragging: boolean) => void;
};

/**
 * Move and remove a card: by dragging the grip, or by the buttons. At an end they stay focusable: who moves a card
 * there by keyboard keeps the place.
 */
export function CardTools({ name, isFirst, isLast, onMove, onRemove, onDrag }: Props) {
  return (
    <div className="card-tools">
      {onDrag && (
        <span
          className="card-tools__grip"
          aria-hidden
          draggable
          onDragStart={(event) => {
            event.dataTransfer.effectAllowed = "move";
            event.dataTransfer.setData("application/x-flowdesk-card", name);
            onDrag(true);
          }}
          onDragEnd={() => onDrag(false)}
        >
          <IconGripVertical size={17} stroke={1.6} />
        </span>
      )}
      <ActionIcon variant="subtle" color="gray" data-disabled={isFirst || undefined} aria-disabled={isFirst} aria-label={`Move ${name} up`} onClick={() => !isFirst && onMove(-1)}>
        <IconArrowUp size={16} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" data-disabled={isLast || undefined} aria-disabled={isLast} aria-label={`Move ${name} down`} onClick={() => !isLast && onMove(1)}>
        <IconArrowDown size={16} />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${name}`} onClick={onRemove}>
        <IconTrash size={16} />
      </ActionIcon>
    </div>
  );
}
