import { NodeResizer, type NodeProps } from "@xyflow/react";
import { memo } from "react";

import { useBuilderActions } from "../actions-context";
import { noteTitle } from "../core/notes";
import { Markdown } from "../notes/Markdown";
import type { NoteNode } from "./graph";

/** A sticky note; selected, it can be drawn larger by its corners. */
function Card({ id, data, selected }: NodeProps<NoteNode>) {
  const actions = useBuilderActions();
  const { note, readOnly } = data;
  return (
    <article className={`note note--${note.color} ${selected ? "note--selected" : ""}`} aria-label={`Note ${noteTitle(note)}`}>
      {selected && !readOnly && (
        <NodeResizer minWidth={90} minHeight={48} lineClassName="note__edge" handleClassName="note__corner" onResizeEnd={(_, box) => actions.resizeNote(id, box)} />
      )}
      <div className="note__text">{note.text.trim() ? <Markdown text={note.text} /> : <p className="hint">Empty note</p>}</div>
    </article>
  );
}

export const NoteCard = memo(Card);
