import { FocusTrap, TextInput } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";

import type { CatalogueWidget } from "../../api/types";
import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { WidgetTile } from "../look";
import { useUi, useUiStore, type Picker } from "../ui";
import { matching } from "./matching";

const WIDTH = 300;
const HEIGHT = 380;

/** The searchable list that opens where a widget is wanted: Tab, `+` on an exit or a line, a dropped connector. */
export function QuickPicker() {
  const picker = useUi((state) => state.picker);
  return picker ? <OpenPicker key={`${picker.screen.x} ${picker.screen.y}`} picker={picker} /> : null;
}

function titleOf(wire: Picker["wire"]): string {
  if (wire?.kind === "exit") return `Add after ${wire.source}`;
  if (wire?.kind === "link") return "Insert on this connection";
  if (wire?.kind === "replace") return `Replace ${wire.key} by`;
  return "Add a widget";
}

function OpenPicker({ picker }: { picker: Picker }) {
  const actions = useBuilderActions();
  const ui = useUiStore();
  const catalogue = useBuilder((state) => state.catalogue);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const found = useMemo(() => {
    const all = matching([...catalogue.values()], query);
    return query ? all : [...all.filter((widget) => widget.runnable), ...all.filter((widget) => !widget.runnable)];
  }, [catalogue, query]);
  const close = () => {
    ui.getState().set({ picker: null });
    document.querySelector<HTMLElement>(".builder__canvas")?.focus({ preventScroll: true });
  };
  const box = useClickOutside(close);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }, [active]);

  function pick(widget: CatalogueWidget | undefined) {
    if (!widget) return;
    close();
    actions.addWidget(widget, { at: picker.at, wire: picker.wire });
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length > 0) {
      event.preventDefault();
      setActive((before) => (before + step + found.length) % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      pick(found[active]);
    } else if (event.key === "Escape" || (event.key === "Tab" && !event.shiftKey)) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  }

  const left = Math.max(8, Math.min(picker.screen.x - 24, window.innerWidth - WIDTH - 12));
  const top = Math.max(8, Math.min(picker.screen.y + 12, window.innerHeight - HEIGHT - 12));

  return (
    <FocusTrap>
      <div ref={box} className="picker" role="dialog" aria-label={titleOf(picker.wire)} style={{ left, top, width: WIDTH, maxHeight: HEIGHT }}>
        <p className="eyebrow">{titleOf(picker.wire)}</p>
        <TextInput
          data-autofocus
          // At once: whoever presses Tab types on.
          autoFocus
          size="sm"
          placeholder="Search widgets"
          aria-label="Search widgets to add"
          role="combobox"
          aria-expanded
          aria-controls={id}
          aria-activedescendant={found[active] ? `${id}-${active}` : undefined}
          leftSection={<IconSearch size={15} />}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <ul ref={list} id={id} role="listbox" aria-label="Widgets" className="picker__list">
          {found.map((widget, index) => (
            <li
              key={widget.type}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              className="picker__item"
              onPointerMove={() => setActive(index)}
              onPointerDown={(event) => event.preventDefault()}
              onClick={() => pick(widget)}
              onKeyDown={undefined}
            >
              <WidgetTile type={widget.type} size={26} />
              <span>
                <span className="picker__title">{widget.title}</span>
                <span className="picker__about">{widget.description}</span>
              </span>
            </li>
          ))}
          {found.length === 0 && <li className="hint">No widget is called “{query}”.</li>}
        </ul>
      </div>
    </FocusTrap>
  );
}
