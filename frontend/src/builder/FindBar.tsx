import { ActionIcon, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconSearch, IconX } from "@tabler/icons-react";
import { useMemo, useState } from "react";

import { useBuilderActions } from "./actions-context";
import { useBuilder } from "./context";
import { findInFlow } from "./core/search";
import { WidgetIcon } from "./look";
import { stateOf } from "./core/model";
import { useUi, useUiStore } from "./ui";

/** Find over names, texts, variables and conditions; Enter goes to the next hit, Shift+Enter to the one before. */
export function FindBar() {
  const open = useUi((state) => state.findOpen);
  const initial = useUi((state) => state.findQuery);
  return open ? <OpenFind key={initial} initial={initial} /> : null;
}

function OpenFind({ initial }: { initial: string }) {
  const actions = useBuilderActions();
  const ui = useUiStore();
  const definition = useBuilder((state) => state.history.present);
  const catalogue = useBuilder((state) => state.catalogue);
  const [query, setQuery] = useState(initial);
  const [active, setActive] = useState(-1);
  const hits = useMemo(() => findInFlow(definition, catalogue, query), [definition, catalogue, query]);

  function go(index: number) {
    if (hits.length === 0) return;
    const place = (index + hits.length) % hits.length;
    setActive(place);
    actions.jumpTo(hits[place]?.key as string);
  }

  const close = () => ui.getState().set({ findOpen: false, findQuery: "" });

  return (
    <search className="find" aria-label="Find in this flow">
      <div className="find__bar">
        <TextInput
          autoFocus
          size="xs"
          placeholder="Names, texts, variables, conditions"
          aria-label="Find in this flow"
          leftSection={<IconSearch size={14} />}
          value={query}
          onChange={(event) => {
            setQuery(event.currentTarget.value);
            setActive(-1);
          }}
          onKeyDown={(event) => {
            if (event.key === "Enter") go(active + (event.shiftKey ? -1 : 1));
            if (event.key === "ArrowDown") go(active + 1);
            if (event.key === "ArrowUp") go(active - 1);
            if (event.key === "Escape") close();
            if (["Enter", "ArrowDown", "ArrowUp", "Escape"].includes(event.key)) event.preventDefault();
          }}
        />
        <span className="find__count" role="status">
          {query ? (hits.length === 0 ? "Nothing found" : active < 0 ? `${hits.length} found` : `${active + 1} of ${hits.length}`) : ""}
        </span>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label="Hit before" disabled={hits.length === 0} onClick={() => go(active - 1)}>
          <IconChevronUp size={15} />
        </ActionIcon>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label="Next hit" disabled={hits.length === 0} onClick={() => go(active + 1)}>
          <IconChevronDown size={15} />
        </ActionIcon>
        <ActionIcon size="sm" variant="subtle" color="gray" aria-label="Close find" onClick={close}>
          <IconX size={15} />
        </ActionIcon>
      </div>
      {hits.length > 0 && (
        <ul className="find__hits">
          {hits.slice(0, 40).map((hit, index) => (
            <li key={hit.key}>
              <button type="button" aria-current={index === active ? "true" : undefined} onClick={() => go(index)}>
                <WidgetIcon type={stateOf(definition, hit.key)?.type ?? ""} size={15} />
                <strong>{hit.title}</strong>
                <span>{hit.excerpt}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </search>
  );
}
