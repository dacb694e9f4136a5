import { ActionIcon, Select, Tooltip } from "@mantine/core";
import { IconArrowRight, IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";

import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { indexOf, keysOf } from "../core/model";

type Props = {
  /** The key of the widget the exit belongs to. */
  source: string;
  exit: string;
  /** What the exit is called, for the control's name. */
  label: string;
  next: string | null;
};

/** Where an exit leads, as a list: making a connection without the mouse. */
export function TargetPicker({ source, exit, label, next }: Props) {
  const actions = useBuilderActions();
  const definition = useBuilder((state) => state.history.present);
  const start = definition.initial_state;
  const [open, setOpen] = useState(false);
  const missing = next !== null && indexOf(definition, next) < 0;
  // Closed it needs no more than what it shows: a widget may have ten of these, a flow two thousand widgets.
  const targets = useMemo(() => {
    if (!open) return next ? [next] : [];
    const keys = keysOf(definition).filter((key) => key !== start);
    return next && missing ? [...keys, next] : keys;
  }, [definition, next, start, missing, open]);

  return (
    <div className="target">
      <Select
        size="xs"
        aria-label={`${label} leads to`}
        placeholder="Ends here"
        data={targets}
        value={next}
        onChange={(target) => actions.connect(source, exit, target)}
        onDropdownOpen={() => setOpen(true)}
        onDropdownClose={() => setOpen(false)}
        searchable
        // Of two thousand widgets nobody reads more; typing finds the rest.
        limit={60}
        clearable
        clearButtonProps={{ "aria-label": `${label}: end here` }}
        allowDeselect={false}
        error={missing ? "There is no such widget" : undefined}
        nothingFoundMessage="No widget has this name"
        comboboxProps={{ shadow: "md" }}
      />
      {next && !missing && (
        <Tooltip label={`Insert a widget before ${next}`}>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Insert a widget between ${label} and ${next}`}
            onClick={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              actions.pickForLink(`${source}/${exit}`, { x: box.left - 260, y: box.bottom });
            }}
          >
            <IconPlus size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      {next && !missing ? (
        <Tooltip label={`Go to ${next}`}>
          <ActionIcon variant="subtle" color="gray" aria-label={`Go to ${next}`} onClick={() => actions.jumpTo(next)}>
            <IconArrowRight size={15} />
          </ActionIcon>
        </Tooltip>
      ) : (
        <Tooltip label="Add a widget here">
          <ActionIcon
            variant="subtle"
            aria-label={`Add a widget after ${label}`}
            onClick={(event) => {
              const box = event.currentTarget.getBoundingClientRect();
              actions.pickForExit(source, exit, { x: box.left - 260, y: box.bottom });
            }}
          >
            <IconPlus size={15} />
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}
