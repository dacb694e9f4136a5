import { Button } from "@mantine/core";

import { useBuilderActions } from "../actions-context";
import { useBuilder } from "../context";
import { useUi, useUiStore } from "../ui";

/** After tidying up: keep the new places, or have the old ones back. Gone with the next change. */
export function TidyCard() {
  const ui = useUiStore();
  const actions = useBuilderActions();
  const tidied = useUi((state) => state.tidied);
  const isShown = useBuilder((state) => tidied !== null && state.history.present === tidied);
  if (!isShown) return null;
  const close = () => {
    ui.getState().set({ tidied: null });
    document.querySelector<HTMLElement>(".builder__canvas")?.focus({ preventScroll: true });
  };
  return (
    <section className="tidied" aria-label="New layout">
      <span>Widgets have new places.</span>
      <Button size="compact-sm" variant="default" onClick={() => { actions.undo(); close(); }}>
        Discard
      </Button>
      <Button size="compact-sm" onClick={close}>
        Keep
      </Button>
    </section>
  );
}
