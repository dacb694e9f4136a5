import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useMemo, useState } from "react";

import type { CatalogueWidget } from "../../api/types";
import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { WidgetTile } from "../look";
import { groupsOf, groupTitle, matching } from "./matching";

/** What a dragged palette entry carries. */
export const PALETTE_DRAG = "application/x-flowdesk-widget";

/** All widgets there are, in groups; Enter, click or drag puts one on the canvas. */
export function Palette() {
  const actions = useBuilderActions();
  const catalogue = useBuilder((state) => state.catalogue);
  const [query, setQuery] = useState("");
  const groups = useMemo(() => groupsOf(matching([...catalogue.values()], query)), [catalogue, query]);

  const add = (widget: CatalogueWidget) => actions.addWidget(widget, { at: null, wire: actions.wireOfSelection() });

  return (
    <div className="palette">
      <TextInput
        size="xs"
        placeholder="Search widgets"
        aria-label="Search widgets"
        leftSection={<IconSearch size={14} />}
        value={query}
        onChange={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          const first = groups[0]?.widgets[0];
          if (event.key === "Enter" && first) add(first);
        }}
      />
      <div className="palette__list">
        {groups.length === 0 && <p className="hint">No widget is called “{query}”.</p>}
        {groups.map(({ group, widgets }) => (
          <section key={group} aria-label={groupTitle(group)}>
            <h2 className="eyebrow">{groupTitle(group)}</h2>
            {widgets.map((widget) => (
              <button
                key={widget.type}
                type="button"
                className="palette__item"
                draggable
                title={widget.runnable ? widget.description : `${widget.description} Drawn and kept, but not run by message flows.`}
                onClick={() => add(widget)}
                onDragStart={(event) => {
                  event.dataTransfer.setData(PALETTE_DRAG, widget.type);
                  event.dataTransfer.effectAllowed = "copy";
                }}
              >
                <span className="visually-hidden">Add widget </span>
                <WidgetTile type={widget.type} size={26} />
                <span className="palette__name">{widget.title}</span>
                {!widget.runnable && <span className="palette__tag">drawn only</span>}
              </button>
            ))}
          </section>
        ))}
      </div>
    </div>
  );
}
