import { Input } from "@mantine/core";
import { autocompletion, closeBrackets, completionKeymap, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { liquid } from "@codemirror/lang-liquid";
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderText } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useId, useLayoutEffect, useRef, type ReactNode } from "react";

import type { Variable } from "../../core/variables";

const FILTERS = ["append", "capitalize", "date", "default", "downcase", "escape", "join", "minus", "plus", "replace", "size", "split", "strip", "times", "to_json", "truncate", "upcase", "url_encode"];

/** Ctrl Enter publishes, in fields too; the editor's own blank line is one more Enter. */
const KEYS = defaultKeymap.filter(({ key }) => key !== "Mod-Enter");

const highlight = HighlightStyle.define([
  { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword], color: "var(--code-keyword)" },
  { tag: [tags.variableName, tags.propertyName], color: "var(--code-name)" },
  { tag: [tags.string], color: "var(--code-string)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--code-number)" },
  { tag: [tags.brace, tags.processingInstruction, tags.squareBracket], color: "var(--code-brace)" },
  { tag: [tags.comment], color: "var(--mantine-color-dimmed)", fontStyle: "italic" },
]);

/** Variables inside `{{ … }}` and `{% … %}`, filters after `|`. */
export function completeLiquid(variables: readonly Variable[]) {
  return (context: CompletionContext) => {
    const before = context.state.sliceDoc(Math.max(0, context.pos - 400), context.pos);
    const open = Math.max(before.lastIndexOf("{{"), before.lastIndexOf("{%"));
    if (open < 0 || open < Math.max(before.lastIndexOf("}}"), before.lastIndexOf("%}"))) return null;
    const word = context.matchBefore(/[\w.\-[\]"']*/);
    const from = word?.from ?? context.pos;
    const isFilter = /\|\s*[\w-]*$/.test(before);
    if (!context.explicit && from === context.pos && !/[{|\s]$/.test(before)) return null;
    const options = isFilter
      ? FILTERS.map((label) => ({ label, type: "function" }))
      : variables.map(({ path, about, sample }, index) => ({ label: path, detail: sample || about, info: sample ? about : undefined, type: "variable", boost: Math.max(-90, 90 - index) }));
    return { from, options, validFor: /^[\w.\-[\]"']*$/ };
  };
}

type Props = {
  label: ReactNode;
  /** The accessible name where `label` is not plain text, or is left out. */
  name?: string;
  description?: ReactNode;
  error?: ReactNode;
  value: string;
  onChange: (value: string) => void;
  language: "liquid" | "json" | "text";
  multiline?: boolean;
  variables?: readonly Variable[];
  placeholder?: string;
  required?: boolean;
  readOnly?: boolean;
  /** Tall editors for whole documents. */
  tall?: boolean;
  /** Under the field: what the text will say. */
  children?: ReactNode;
};

function languageOf(language: Props["language"]): Extension {
  if (language === "json") return json();
  return language === "liquid" ? liquid() : [];
}

/** A text with templates in it: highlighted, with completion of variables and filters. */
export function CodeField({ label, name, description, error, value, onChange, language, multiline = false, variables = [], placeholder, required, readOnly = false, tall = false, children }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef({ onChange, variables, value });
  const labelId = useId();
  const title = name ?? (typeof label === "string" ? label : "");

  useEffect(() => {
    latest.current = { onChange, variables, value };
  });

  // An editor costs many times what its text does: the text is there at once, the editor in a task of its own.
  useLayoutEffect(() => {
    const place = host.current;
    if (!place) return;
    place.dataset.waiting = "";
    place.tabIndex = -1;
    place.textContent = latest.current.value;
    const timer = window.setTimeout(() => {
      const hadFocus = place === document.activeElement;
      delete place.dataset.waiting;
      place.removeAttribute("tabindex");
      place.textContent = "";
      view.current = make(place);
      if (hadFocus) view.current.focus();
    }, 0);
    return () => {
      window.clearTimeout(timer);
      view.current?.destroy();
      view.current = null;
    };

    function make(parent: HTMLElement): EditorView {
      const single = multiline ? [] : [EditorState.transactionFilter.of((transaction) => (transaction.newDoc.lines > 1 ? [] : transaction))];
      const access = new Compartment();
      return new EditorView({
        parent,
        state: EditorState.create({
          doc: latest.current.value,
          extensions: [
            history(),
            closeBrackets(),
            languageOf(language),
            syntaxHighlighting(highlight),
            autocompletion({ override: language === "text" ? [] : [(context) => completeLiquid(latest.current.variables)(context)], icons: false }),
            keymap.of([...completionKeymap, ...KEYS, ...historyKeymap]),
            multiline ? EditorView.lineWrapping : [],
            single,
            placeholder ? placeholderText(placeholder) : [],
            access.of([EditorState.readOnly.of(readOnly), EditorView.editable.of(!readOnly)]),
            EditorView.contentAttributes.of({ "aria-label": title, tabindex: "0", ...(multiline ? { "aria-multiline": "true" } : {}), spellcheck: "true" }),
            EditorView.updateListener.of((update) => {
              if (update.docChanged) latest.current.onChange(update.state.doc.toString());
            }),
          ],
        }),
      });
    }
  }, [language, multiline, placeholder, readOnly, title]);

  useEffect(() => {
    const editor = view.current;
    // An undo or another's change; what is typed here has the same text already.
    if (editor && editor.state.doc.toString() !== value) {
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
    }
  }, [value]);

  return (
    <Input.Wrapper label={label} description={description} error={error} required={required} labelElement="div" labelProps={{ id: labelId }} className="field">
      <div ref={host} className={`code ${multiline ? "code--multi" : ""} ${tall ? "code--tall" : ""} ${error ? "code--error" : ""}`} data-language={language} />
      {children}
    </Input.Wrapper>
  );
}
