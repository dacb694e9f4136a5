import { Input } from "@mantine/core";
import { autocompletion, closeBrackets, completionKeymap, completionStatus } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, keymap, placeholder as placeholderText, type DecorationSet } from "@codemirror/view";
import { useEffect, useId, useRef } from "react";

import { matchText } from "../core/text";
import type { ExpressionError, ExpressionKind } from "../types";
import { completeExpression, markOf, namesFor, type Offer } from "./completing";
import { useCheck } from "./useCheck";

type Props = {
  label: string;
  description?: string;
  kind: ExpressionKind;
  value: string;
  onChange: (value: string) => void;
  /** Of a target: whose workers are counted. */
  queueSid?: string | null;
  /** What was refused or is missing; shown instead of the live check. */
  error?: string;
  placeholder?: string;
  /** What leaving it empty means. */
  whenEmpty?: string;
  readOnly?: boolean;
};

const setMark = StateEffect.define<{ from: number; to: number } | null>();
const errorMark = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setMark)) continue;
      const mark = effect.value;
      if (!mark || mark.from >= mark.to) return Decoration.none;
      return Decoration.set([Decoration.mark({ class: "expression__mark" }).range(mark.from, mark.to)]);
    }
    return marks.map(transaction.changes);
  },
  provide: (field) => EditorView.decorations.from(field),
});

const NOTHING_SEEN: Offer[] = [];

/** One expression: names are completed, mistakes are underlined, and what it matches now is counted below. */
export function ExpressionField({ label, description, kind, value, onChange, queueSid, error, placeholder, whenEmpty, readOnly = false }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const noteId = useId();
  const { check, isOld, failed } = useCheck(kind, value, queueSid);
  const latest = useRef({ onChange, value, offers: NOTHING_SEEN });

  useEffect(() => {
    latest.current = { onChange, value, offers: check ? namesFor(kind, check.attributes_seen) : NOTHING_SEEN };
  });

  useEffect(() => {
    if (!host.current) return;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          history(),
          closeBrackets(),
          errorMark,
          autocompletion({ override: [completeExpression(() => latest.current.offers)], icons: false }),
          keymap.of([...completionKeymap, ...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          placeholder ? placeholderText(placeholder) : [],
          EditorState.readOnly.of(readOnly),
          EditorView.editable.of(!readOnly),
          EditorView.contentAttributes.of((current) => ({
            "aria-label": label,
            "aria-describedby": noteId,
            "aria-multiline": "true",
            ...(readOnly ? { tabindex: "0", "aria-readonly": "true" } : {}),
            spellcheck: "false",
            // Escape closes the list of names first, the dialog around the field after.
            "data-mantine-stop-propagation": completionStatus(current.state) === "active" ? "true" : "false",
          })),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, [label, noteId, placeholder, readOnly]);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);

  const found = isOld ? null : (check?.error ?? null);
  const line = found?.line ?? null;
  const column = found?.column ?? null;
  useEffect(() => {
    const editor = view.current;
    if (!editor) return;
    const mark = line !== null && column !== null ? markOf(editor.state.doc.toString(), line, column) : null;
    editor.dispatch({ effects: setMark.of(mark) });
  }, [line, column, value]);

  const isEmpty = value.trim() === "";
  const wrong = error ?? (found && !isEmpty ? errorText(found) : undefined);
  return (
    <Input.Wrapper label={label} description={description} labelElement="div" className="expression">
      <div ref={host} className={`code code--multi expression__code ${wrong ? "code--error" : ""}`} data-language="json" data-readonly={readOnly || undefined} />
      <div id={noteId} className={`expression__note ${wrong ? "expression__note--wrong" : ""}`} role="status">
        {wrong ?? noteText({ isEmpty, whenEmpty, isOld, failed, told: check ? matchText(check) : "" })}
      </div>
    </Input.Wrapper>
  );
}

function errorText({ message, line, column }: ExpressionError): string {
  if (column === null) return message;
  return `${line !== null && line > 1 ? `Line ${line}, column` : "Column"} ${column}: ${message}`;
}

type Note = { isEmpty: boolean; whenEmpty?: string; isOld: boolean; failed: Error | null; told: string };

function noteText({ isEmpty, whenEmpty, isOld, failed, told }: Note): string {
  if (isEmpty) return whenEmpty ?? "";
  if (failed) return `Not checked: ${failed.message}`;
  return isOld ? "Checking…" : told;
}
