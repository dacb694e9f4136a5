import { ActionIcon, Button, Group, Text } from "@mantine/core";
import {
  IconAlignBoxCenterTop,
  IconAlignBoxLeftMiddle,
  IconCopy,
  IconLayoutAlignLeft,
  IconLayoutAlignTop,
  IconLayoutDistributeHorizontal,
  IconLayoutDistributeVertical,
  IconNote,
  IconSitemap,
  IconTrash,
  IconX,
} from "@tabler/icons-react";

import { useDeferredValue } from "react";

import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { linksOf, stateOf } from "../core/model";
import type { Edge } from "../core/layout";
import { countInWords, isNoteKey, noteOf } from "../core/notes";
import { NotePanel } from "../notes/NotePanel";
import { useUiStore } from "../ui";
import { WidgetInspector } from "./WidgetInspector";

/**
 * What is selected, and all that can be changed about it. Closed when nothing is. It follows the selection a moment
 * later, in small pieces of work, so that walking through a flow waits for no form.
 */
export function Inspector() {
  const selection = useDeferredValue(useBuilder((state) => state.selection));
  const selectedLink = useBuilder((state) => state.selectedLink);
  const definition = useBuilder((state) => state.history.present);
  const select = useBuilder((state) => state.select);
  const [key, ...others] = selection;
  const state = key !== undefined && others.length === 0 ? stateOf(definition, key) : null;
  const note = key !== undefined && others.length === 0 ? noteOf(definition, key) : null;
  const link = selectedLink ? linksOf(definition).find((candidate) => candidate.id === selectedLink) : null;
  if (!state && !note && others.length === 0 && !link) return null;

  return (
    <section className="builder__inspector" aria-label="Inspector">
      <ActionIcon className="builder__close" variant="subtle" color="gray" aria-label="Close the inspector" onClick={() => select([])}>
        <IconX size={16} />
      </ActionIcon>
      {state && key !== undefined && <WidgetInspector key={key} widget={key} state={state} />}
      {note && key !== undefined && <NotePanel key={key} id={key} note={note} />}
      {others.length > 0 && <SelectionPanel keys={selection} />}
      {link && <LinkPanel id={link.id} source={link.source} target={link.target} />}
    </section>
  );
}

const ALIGNMENTS: [Edge, string, typeof IconLayoutAlignLeft][] = [
  ["left", "Align left edges", IconLayoutAlignLeft],
  ["center", "Align centres", IconAlignBoxCenterTop],
  ["top", "Align top edges", IconLayoutAlignTop],
  ["middle", "Align middles", IconAlignBoxLeftMiddle],
  ["across", "Distribute across", IconLayoutDistributeHorizontal],
  ["down", "Distribute down", IconLayoutDistributeVertical],
];

function SelectionPanel({ keys }: { keys: readonly string[] }) {
  const ui = useUiStore();
  const actions = useBuilderActions();
  const widgets = keys.filter((key) => !isNoteKey(key)).length;
  return (
    <div className="inspector__many">
      <Text fw={650}>{countInWords(keys)} selected</Text>
      <h2 className="eyebrow">Align</h2>
      <Group gap={6}>
        {ALIGNMENTS.map(([edge, label, AlignIcon]) => (
          <ActionIcon key={edge} variant="default" size="lg" aria-label={label} title={label} onClick={() => actions.alignSelection(edge)}>
            <AlignIcon size={17} stroke={1.6} />
          </ActionIcon>
        ))}
      </Group>
      <h2 className="eyebrow">All of them</h2>
      <Group gap={8}>
        {widgets > 1 && (
          <Button size="xs" variant="default" onClick={() => actions.tidy()}>
            Tidy up
          </Button>
        )}
        <Button size="xs" variant="default" leftSection={<IconCopy size={14} />} onClick={() => actions.duplicate()}>
          Duplicate
        </Button>
        {widgets > 0 && (
          <>
            <Button size="xs" variant="default" leftSection={<IconNote size={14} />} onClick={() => actions.writeNote()}>
              Frame
            </Button>
            <Button size="xs" variant="default" leftSection={<IconSitemap size={14} />} onClick={() => ui.getState().set({ dialog: "subflow" })}>
              Move to a subflow
            </Button>
          </>
        )}
        <Button size="xs" variant="light" color="clay" leftSection={<IconTrash size={14} />} onClick={() => actions.removeSelection(false)}>
          Delete
        </Button>
      </Group>
    </div>
  );
}

function LinkPanel({ id, source, target }: { id: string; source: string; target: string }) {
  const actions = useBuilderActions();
  return (
    <div className="inspector__many">
      <Text fw={650}>Connection</Text>
      <p className="hint">
        From{" "}
        <button type="button" className="textlink" onClick={() => actions.jumpTo(source)}>
          {source}
        </button>{" "}
        to{" "}
        <button type="button" className="textlink" onClick={() => actions.jumpTo(target)}>
          {target}
        </button>
      </p>
      <Group gap={8} mt="sm">
        <Button
          size="xs"
          variant="default"
          onClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            actions.pickForLink(id, { x: box.left - 300, y: box.bottom });
          }}
        >
          Insert a widget
        </Button>
        <Button size="xs" variant="light" color="clay" onClick={() => actions.cutLink(id)}>
          Remove
        </Button>
      </Group>
    </div>
  );
}
