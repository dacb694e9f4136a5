import "./builder.css";
import "./canvas/canvas.css";
import "./canvas/overlays.css";
import "./compare/compare.css";
import "./inspector/inspector.css";
import "./notes/notes.css";
import "./palette/palette.css";
import "./replay/replay.css";
import "./simulator/simulator.css";

import { Button } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { ReactFlowProvider } from "@xyflow/react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { Link, useParams, useSearchParams } from "react-router";

import { api, ApiError } from "../api/client";
import type { CatalogueWidget, ExecutionDetail, Flow, Options } from "../api/types";
import { useSession } from "../app/session";
import { ErrorState, LoadingState } from "../app/states";
import { CommandPalette } from "./CommandPalette";
import { createActions, type BuilderActions } from "./actions";
import { ActionsContext } from "./actions-context";
import { Canvas } from "./canvas/Canvas";
import { TidyCard } from "./canvas/TidyCard";
import { Compare } from "./compare/Compare";
import { BuilderContext, namesFrom, NamesContext, OptionsContext, useBuilder } from "./context";
import { catalogueOf, type Catalogue } from "./core/model";
import { ConflictDialog } from "./dialogs/ConflictDialog";
import { KeysDialog } from "./dialogs/KeysDialog";
import { JsonDialog } from "./dialogs/JsonDialog";
import { PublishDialog } from "./dialogs/PublishDialog";
import { RevisionsDrawer } from "./dialogs/RevisionsDrawer";
import { SettingsDialog } from "./dialogs/SettingsDialog";
import { ShortcutsDialog } from "./dialogs/ShortcutsDialog";
import { SubflowDialog } from "./dialogs/SubflowDialog";
import { FindBar } from "./FindBar";
import { Inspector } from "./inspector/Inspector";
import { readKept, useKeeping } from "./keeping";
import { useBuilderKeys } from "./keyboard";
import { Drawing } from "./Drawing";
import { Outline } from "./palette/Outline";
import { Palette } from "./palette/Palette";
import { QuickPicker } from "./palette/QuickPicker";
import { ProblemsPanel } from "./ProblemsPanel";
import { usePresence } from "./presence/usePresence";
import { useAutosave, useLiveCheck } from "./saving";
import { Replay } from "./replay/Replay";
import { SimulatorPanel } from "./simulator/SimulatorPanel";
import { createBuilderStore, type BuilderStore, type Kept } from "./store";
import { TopBar } from "./TopBar";
import { TrafficBar } from "./traffic/TrafficBar";
import { createUiStore, UiContext, useUi, type UiStore } from "./ui";

const NO_OPTIONS: Options = { workflows: [], task_channels: [], flows: [], addresses: [] };

/** One flow: drawn and changed, a past execution of it, or two revisions beside each other. Each is opened afresh. */
export function BuilderPage() {
  const { sid = "" } = useParams();
  const [search] = useSearchParams();
  const execution = search.get("execution");
  const between = search.get("compare");
  return <Opening key={`${sid} ${execution ?? ""} ${between === null}`} sid={sid} execution={execution} between={between} />;
}

/** Opens a flow: what it is, what widgets there are, what pickers offer. */
function Opening({ sid, execution, between }: { sid: string; execution: string | null; between: string | null }) {
  const { user } = useSession();
  // What an earlier visit left in this browser: undo steps, and work that was not saved.
  const kept = useQuery({ queryKey: ["kept", user.sid, sid], queryFn: () => readKept(user.sid, sid), staleTime: 0, gcTime: 0 });
  // Read once when opened: from then on the builder's own state is ahead of the server's.
  const flow = useQuery({ queryKey: ["flow", sid], queryFn: () => api.get<Flow>(`flows/${sid}`), staleTime: 0, gcTime: 0, refetchOnReconnect: false, meta: { own: true } });
  const widgets = useQuery({ queryKey: ["widgets"], queryFn: () => api.get<{ widgets: CatalogueWidget[] }>("widgets"), staleTime: Number.POSITIVE_INFINITY });
  const options = useQuery({ queryKey: ["options"], queryFn: () => api.get<Options>("options") });
  const catalogue = useMemo(() => (widgets.data ? catalogueOf(widgets.data.widgets) : null), [widgets.data]);
  const names = useMemo(() => namesFrom(options.data ?? NO_OPTIONS), [options.data]);
  useDocumentTitle(`${flow.data?.friendly_name ?? "Flow"} · Flowdesk`);

  const error = flow.error ?? widgets.error;
  if (error && !flow.data) {
    const gone = error instanceof ApiError && error.status === 404;
    return (
      <ErrorState
        tall
        title={gone ? "This flow does not exist" : "The flow cannot be opened"}
        error={gone ? new Error("It may have been deleted, or the link is wrong.") : error}
        onRetry={gone ? undefined : () => void Promise.all([flow.refetch(), widgets.refetch()])}
        action={
          <Button component={Link} to="/flows" variant="default">
            All flows
          </Button>
        }
      />
    );
  }
  if (!flow.data || !catalogue || kept.isPending) return <LoadingState tall label="Opening the flow" />;
  return (
    <OptionsContext value={options.data ?? NO_OPTIONS}>
      <NamesContext value={names}>
        <ReactFlowProvider>
          {execution ? (
            <Replay sid={execution} flow={flow.data} catalogue={catalogue} />
          ) : between !== null ? (
            <Compare between={between} flow={flow.data} catalogue={catalogue} />
          ) : user.role === "admin" ? (
            <Builder flow={flow.data} kept={kept.data ?? null} catalogue={catalogue} />
          ) : (
            <Drawing flow={flow.data} catalogue={catalogue} />
          )}
        </ReactFlowProvider>
      </NamesContext>
    </OptionsContext>
  );
}

function Builder({ flow, kept, catalogue }: { flow: Flow; kept: Kept | null; catalogue: Catalogue }) {
  const { user } = useSession();
  const [store] = useState(() => createBuilderStore({ flow, catalogue, kept }));
  const [ui] = useState(() => createUiStore(window.innerWidth >= 1280));
  const [actions] = useState(() => createActions({ store, ui }));
  const context = useMemo(() => ({ actions, store, ui }), [actions, store, ui]);
  useAutosave(store);
  useLiveCheck(store);
  useKeeping(store, user.sid);
  usePresence(store, ui);
  useOpenedFor(store, ui, actions);
  useBuilderKeys(context);

  return (
    <BuilderContext value={store}>
      <UiContext value={ui}>
        <ActionsContext value={actions}>
          <div className="builder">
            <TopBar />
            <div className="builder__body">
              <LeftPanel />
              <div className="builder__middle">
                {/* One stop for Tab: the arrow keys walk from widget to widget inside. */}
                {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
                <section className="builder__canvas" aria-label="Canvas" tabIndex={0}>
                  <Canvas />
                  <EmptyHint />
                  <TrafficBar />
                  <TidyCard />
                  <FindBar />
                </section>
                <ProblemsPanel />
              </div>
              <Inspector />
              <SimulatorPanel />
            </div>
            <Announcer />
          </div>
          <QuickPicker />
          <CommandPalette context={context} />
          <PublishDialog />
          <ConflictDialog />
          <RevisionsDrawer />
          <SettingsDialog />
          <JsonDialog />
          <ShortcutsDialog />
          <KeysDialog />
          <SubflowDialog />
        </ActionsContext>
      </UiContext>
    </BuilderContext>
  );
}

/** An address may ask for more than the flow: `?widget=ask` selects one, `?replay=FN…` runs an execution's inputs. */
function useOpenedFor(store: BuilderStore, ui: UiStore, actions: BuilderActions): void {
  const [search, setSearch] = useSearchParams();
  const widget = search.get("widget");
  const replay = search.get("replay");
  const execution = useQuery({ queryKey: ["execution", replay], queryFn: () => api.get<ExecutionDetail>(`executions/${replay}`), enabled: replay !== null });
  useEffect(() => {
    if (widget === null) return;
    // Once the canvas knows its size.
    const timer = window.setTimeout(() => actions.jumpTo(widget), 250);
    return () => window.clearTimeout(timer);
  }, [widget, actions]);
  useEffect(() => {
    if (!execution.data) return;
    ui.getState().set({ simulatorOpen: true, simulate: { kind: "replay", execution: execution.data } });
    setSearch({}, { replace: true });
  }, [execution.data, ui, setSearch, store]);
}

function LeftPanel() {
  const left = useUi((state) => state.left);
  if (!left) return null;
  return (
    <aside className="builder__left" aria-label={left === "add" ? "Widgets" : "Outline"}>
      {left === "add" ? <Palette /> : <Outline />}
    </aside>
  );
}

function EmptyHint() {
  const alone = useBuilder((state) => state.history.present.states.length <= 1);
  if (!alone) return null;
  return (
    <p className="canvas-hint">
      Press <kbd>Tab</kbd>, click <strong>+</strong> on an exit, or drag a widget here to begin. You can also paste a Studio definition.
    </p>
  );
}

/** Says what just happened to those who do not see it. */
function Announcer() {
  const announcement = useUi((state) => state.announcement);
  return (
    <div className="visually-hidden" role="status" aria-live="polite">
      {announcement}
    </div>
  );
}
