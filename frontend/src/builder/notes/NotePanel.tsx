import { Button, ColorSwatch, Group, Text, Textarea, Tooltip, UnstyledButton } from "@mantine/core";
import { IconCheck, IconTrash } from "@tabler/icons-react";
import { useEffect, useRef } from "react";

import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { keysOn } from "../core/frames";
import { NOTE_COLORS, type Note } from "../core/notes";
import { useUi } from "../ui";

/** A note's text and colour. Customers never meet it; exports carry it. */
export function NotePanel({ id, note }: { id: string; note: Note }) {
  const actions = useBuilderActions();
  const definition = useBuilder((state) => state.history.present);
  const catalogue = useBuilder((state) => state.catalogue);
  const select = useBuilder((state) => state.select);
  const focusField = useUi((ui) => ui.focusField);
  const field = useRef<HTMLTextAreaElement>(null);
  const inside = keysOn(definition, catalogue, id);

  useEffect(() => {
    if (focusField?.key !== id) return;
    field.current?.focus();
    if (focusField.field === "note") field.current?.select();
  }, [focusField, id]);

  return (
    <div className="inspector__many">
      <Text fw={650}>{inside.length > 0 ? "Frame" : "Note"}</Text>
      <p className="hint">For those who draw: it is saved and exported with the flow, and customers never meet it.</p>
      <Textarea
        ref={field}
        className="field"
        mt="sm"
        label="Text"
        description="Markdown: # heading, **bold**, - list, [link](https://…)"
        rows={9}
        value={note.text}
        onChange={(event) => actions.changeNote(id, { text: event.currentTarget.value })}
      />
      <h2 className="eyebrow">Colour</h2>
      <Group gap={8}>
        {NOTE_COLORS.map((color) => (
          <Tooltip key={color} label={color}>
            <UnstyledButton aria-label={`Colour ${color}`} aria-pressed={note.color === color} className={`note-colour note--${color}`} onClick={() => actions.changeNote(id, { color })}>
              <ColorSwatch color="var(--note-line)" size={26} withShadow={false}>
                {note.color === color && <IconCheck size={15} stroke={2.6} color="var(--note-paper)" aria-hidden />}
              </ColorSwatch>
            </UnstyledButton>
          </Tooltip>
        ))}
      </Group>
      <Group gap={8} mt="lg">
        {inside.length > 0 && (
          <Button size="xs" variant="default" onClick={() => select([id, ...inside])}>
            Select what is inside
          </Button>
        )}
        <Button size="xs" variant="light" color="clay" leftSection={<IconTrash size={14} />} onClick={() => actions.removeSelection(false)}>
          Delete
        </Button>
      </Group>
    </div>
  );
}
