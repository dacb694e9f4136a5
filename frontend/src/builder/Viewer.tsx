import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChevronLeft } from "@tabler/icons-react";
import { useState, type ReactNode } from "react";
import { Link } from "react-router";

import type { Definition, Flow } from "../api/types";
import { createActions } from "./actions";
import { ActionsContext } from "./actions-context";
import { Canvas } from "./canvas/Canvas";
import { BuilderContext } from "./context";
import type { Catalogue } from "./core/model";
import type { Trace } from "./core/trace";
import { createBuilderStore } from "./store";
import { createUiStore, UiContext } from "./ui";

type BarProps = {
  /** Where the arrow leads, and what it is called. */
  back: string;
  label: string;
  title: ReactNode;
  meta: ReactNode;
  children?: ReactNode;
};

/** The top bar of what is only looked at. */
export function ViewerBar({ back, label, title, meta, children }: BarProps) {
  return (
    <header className="topbar">
      <Tooltip label={label}>
        <ActionIcon component={Link} to={back} variant="subtle" color="gray" size={34} aria-label={label}>
          <IconChevronLeft size={19} />
        </ActionIcon>
      </Tooltip>
      <div className="topbar__flow topbar__name">
        <h1>{title}</h1>
        <span className="topbar__meta">{meta}</span>
      </div>
      {children}
    </header>
  );
}

type Props = {
  flow: Flow;
  catalogue: Catalogue;
  /** What is drawn instead of the flow as it is now; its problems are nobody's any more. */
  drawn?: Definition;
  /** What is painted over it from the beginning. */
  trace?: Trace;
  children?: ReactNode;
};

/** A drawing that is only looked at, with a panel beside it; both share the builder's state. Another one needs another key. */
export function Viewer({ flow, catalogue, drawn, trace, children }: Props) {
  const [store] = useState(() => createBuilderStore({ flow: drawn ? { ...flow, definition: drawn, errors: [], warnings: [] } : flow, catalogue, readOnly: true }));
  const [ui] = useState(() => {
    const made = createUiStore(false);
    if (trace) made.getState().set({ trace });
    return made;
  });
  const [actions] = useState(() => createActions({ store, ui }));
  return (
    <BuilderContext value={store}>
      <UiContext value={ui}>
        <ActionsContext value={actions}>
          <div className="builder__body">
            <div className="builder__middle">
              <section className="builder__canvas" aria-label="Canvas">
                <Canvas />
              </section>
            </div>
            {children}
          </div>
        </ActionsContext>
      </UiContext>
    </BuilderContext>
  );
}
