import "@xyflow/react/dist/style.css";

import {
  Background,
  BackgroundVariant,
  Controls,
  ReactFlow,
  useStore as useFlowStore,
  useStoreApi,
  ViewportPortal,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
  type ReactFlowInstance,
} from "@xyflow/react";
import { useMantineColorScheme } from "@mantine/core";
import { useCallback, useMemo, useRef, useState, type CSSProperties, type DragEvent, type MouseEvent as AnyMouseEvent } from "react";

import { useBuilderActions } from "../actions-context";
import { useBuilder, useBuilderStore } from "../context";
import { carriedBy, carriedSpots, type Carried } from "../core/frames";
import { toOffset } from "../core/layout";
import { snapped, type Guide } from "../core/guides";
import { linksOf, type Point } from "../core/model";
import { marksOf } from "../core/problems";
import { PALETTE_DRAG } from "../palette/Palette";
import { othersByWidget } from "../presence/editors";
import { useUi } from "../ui";
import { Arrows } from "./Arrows";
import { FlowMap } from "./FlowMap";
import { draggedNodes, edgeDrawer, nodesOf, noteNodesOf, type AnyNode, type LinkEdge } from "./graph";
import { LinkLine } from "./LinkLine";
import { NoteCard } from "./NoteCard";
import { WidgetCard } from "./WidgetCard";

const nodeTypes = { widget: WidgetCard, note: NoteCard };
const edgeTypes = { link: LinkLine };
const SNAP: [number, number] = [13, 13];
/** Below this zoom cards show their name only, large enough to be read. */
const FAR = 0.42;
/** Below this one not even names: blocks of colour, which is all that can be seen and cheap to draw by the thousand. */
const DISTANT = 0.16;
/** From here on only what is in view is drawn. */
const MANY = 150;

/** Whether a click adds to the selection. */
function isAdding(event: AnyMouseEvent): boolean {
  return event.shiftKey || event.ctrlKey || event.metaKey;
}

/** The drawing of the flow. Everything it changes goes through the builder's actions. */
export function Canvas() {
  const actions = useBuilderActions();
  const definition = useBuilder((state) => state.history.present);
  const catalogue = useBuilder((state) => state.catalogue);
  const selection = useBuilder((state) => state.selection);
  const selectedLink = useBuilder((state) => state.selectedLink);
  const problems = useBuilder((state) => state.problems);
  const trace = useUi((state) => state.trace);
  const traffic = useUi((state) => state.traffic);
  const others = useUi((state) => state.others);
  const readOnly = useBuilder((state) => state.readOnly);
  const store = useBuilderStore();
  const select = useBuilder((state) => state.select);
  const selectLink = useBuilder((state) => state.selectLink);
  const { colorScheme } = useMantineColorScheme();
  // Names grow as the drawing shrinks, in few steps, so that zooming restyles seldom.
  const nameSize = useFlowStore((state) => (state.transform[2] < FAR ? Math.min(44, Math.round(9.5 / (Math.ceil(state.transform[2] * 20) / 20))) : 0));
  const far = useFlowStore((state) => (state.transform[2] < DISTANT ? "distant" : state.transform[2] < FAR ? "far" : undefined));

  const [dragged, setDragged] = useState<ReadonlyMap<string, Point>>(new Map());
  const dragging = useRef(false);
  const carried = useRef<Carried>(new Map());
  const instance = useRef<ReactFlowInstance<AnyNode, LinkEdge> | null>(null);

  const marks = useMemo(() => marksOf(problems), [problems]);
  const beside = useMemo(() => othersByWidget(others), [others]);
  const cards = useMemo(
    () => nodesOf({ definition, catalogue, selection, marks, trace, traffic, others: beside }),
    [definition, catalogue, selection, marks, trace, traffic, beside],
  );
  const notes = useMemo(() => noteNodesOf(definition, selection, trace, readOnly), [definition, selection, trace, readOnly]);
  // While a card is dragged only its own node is new; the lines follow by themselves.
  const nodes = useMemo((): AnyNode[] => draggedNodes<AnyNode>([...notes, ...cards], dragged), [notes, cards, dragged]);
  const [draw] = useState(edgeDrawer);
  const edges = useMemo(() => draw({ definition, catalogue, selectedLink, trace, traffic }), [definition, catalogue, selectedLink, trace, traffic, draw]);

  const [guides, setGuides] = useState<readonly Guide[]>([]);
  /** Let one dragged card come to rest in line with others; answers where. */
  const snap = useCallback(
    (spots: Map<string, Point>): readonly Guide[] => {
      const [[key, spot], ...others] = [...spots] as [[string, Point], ...[string, Point][]];
      const own = cards.find((card) => card.id === key);
      if (others.length > 0 || !own) return [];
      const size = { width: own.width as number, height: own.height as number };
      const { x, y, guides: found } = snapped({ ...spot, ...size }, cards.filter((card) => card.id !== key).map((card) => ({ ...card.position, width: card.width as number, height: card.height as number })));
      spots.set(key, { x, y });
      return found;
    },
    [cards],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<AnyNode>[]) => {
      const moves = changes.filter((change) => change.type === "position" && change.position && change.dragging);
      if (moves.length > 0) {
        const spots = new Map(moves.flatMap((change) => (change.type === "position" && change.position ? [[change.id, change.position] as const] : [])));
        const lines = snap(spots);
        setGuides(lines);
        // A note takes along what lies on it.
        if (!dragging.current) carried.current = carriedBy(store.getState().history.present, catalogue, [...spots.keys()]);
        dragging.current = true;
        setDragged((before) => new Map([...before, ...spots, ...carriedSpots(carried.current, spots)]));
      }
      const picks = changes.filter((change) => change.type === "select");
      if (picks.length > 0) {
        const { selection: before, selectedLink: link } = store.getState();
        const chosen = new Set(before);
        for (const change of picks) {
          if (change.selected) chosen.add(change.id);
          else chosen.delete(change.id);
        }
        const next = [...chosen];
        // A click on a line unselects all cards as well; that may not unselect the line.
        if (next.length > 0 || link === null) select(next);
      }
    },
    [catalogue, select, snap, store],
  );

  const onEdgesChange = useCallback(
    (changes: EdgeChange<LinkEdge>[]) => {
      for (const change of changes) if (change.type === "select" && change.selected) selectLink(change.id);
    },
    [selectLink],
  );

  const finishDrag = useCallback(() => {
    if (!dragging.current) return;
    dragging.current = false;
    actions.move(new Map([...dragged].map(([key, position]) => [key, toOffset(position)])));
    setDragged(new Map());
    setGuides([]);
  }, [actions, dragged]);

  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, connection: FinalConnectionState) => {
      if (connection.isValid || !connection.fromNode || !connection.fromHandle?.id) return;
      const point = "changedTouches" in event ? event.changedTouches[0] : event;
      if (!point) return;
      const screen = { x: point.clientX, y: point.clientY };
      const source = connection.fromNode.id;
      const exit = connection.fromHandle.id;
      const card = document.elementFromPoint(screen.x, screen.y)?.closest<HTMLElement>(".react-flow__node");
      const target = card?.dataset.id;
      if (target && target !== source) {
        actions.connect(source, exit, target);
        return;
      }
      if (target || !instance.current) return;
      const at = instance.current.screenToFlowPosition(screen);
      actions.openPicker({ screen, at, wire: { kind: "exit", source, exit } });
    },
    [actions],
  );

  /** The library hears of Shift, Ctrl and Cmd by their keys, with its next picture; a quick click is sooner, and knows what was held. */
  const library = useStoreApi();
  const tellHeld = (event: AnyMouseEvent) => library.setState({ multiSelectionActive: isAdding(event) });

  const pickAt = (screen: Point) => actions.openPicker({ screen, at: instance.current?.screenToFlowPosition(screen) ?? null, wire: null });

  /** Lines of the card under the pointer stand out, the others fade: by classes alone, nothing is drawn anew. */
  const pane = useRef<HTMLDivElement>(null);
  const hover = useCallback(
    (key: string | null) => {
      const root = pane.current;
      if (!root) return;
      for (const line of root.querySelectorAll(".link--near")) line.classList.remove("link--near");
      const near = key === null || dragging.current ? [] : linksOf(store.getState().history.present).filter(({ source, target }) => source === key || target === key);
      root.toggleAttribute("data-hover", near.length > 0);
      for (const { id } of near) root.querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`)?.classList.add("link--near");
    },
    [store],
  );

  const onDrop = useCallback(
    (event: DragEvent) => {
      const type = event.dataTransfer.getData(PALETTE_DRAG);
      const widget = catalogue.get(type);
      if (!widget || !instance.current) return;
      event.preventDefault();
      const at = instance.current.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const line = document.elementFromPoint(event.clientX, event.clientY)?.closest<SVGElement>(".react-flow__edge");
      const id = line?.dataset.id;
      actions.addWidget(widget, { at, wire: id ? { kind: "link", id } : null });
    },
    [actions, catalogue],
  );

  return (
    <div
      ref={pane}
      className="canvas"
      data-far={far}
      style={{ "--far-font": `${nameSize}px` } as CSSProperties}
      data-overlay={traffic ? "traffic" : trace?.kind}
      onPointerDownCapture={tellHeld}
      onClickCapture={tellHeld}
      onPointerMove={(event) => actions.pointAt({ x: event.clientX, y: event.clientY })}
      onPointerLeave={() => actions.pointAt(null)}
    >
      <Arrows />
      <ReactFlow<AnyNode, LinkEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        colorMode={colorScheme === "auto" ? "system" : colorScheme}
        onInit={(made) => {
          instance.current = made;
          actions.attachCanvas(made);
        }}
        onNodesChange={onNodesChange}
        onEdgesChange={onEdgesChange}
        onNodeDragStop={finishDrag}
        onNodeMouseEnter={(_, node) => hover(node.id)}
        onNodeMouseLeave={() => hover(null)}
        onNodeClick={(event, node) => {
          // A click on one of several chosen ones leaves it alone; the library would leave all.
          if (!isAdding(event) && store.getState().selection.length > 1) select([node.id]);
        }}
        onNodeDoubleClick={(_, node) => actions.jumpTo(node.id, node.type === "note" ? "note" : "*")}
        onSelectionDragStop={finishDrag}
        onConnect={({ source, sourceHandle, target }) => {
          if (sourceHandle && source !== target) actions.connect(source, sourceHandle, target);
        }}
        onConnectEnd={onConnectEnd}
        onReconnect={(edge, { source, sourceHandle, target }) => {
          if (!sourceHandle) return;
          if (source !== edge.source || sourceHandle !== edge.sourceHandle) actions.cutLink(edge.id);
          actions.connect(source, sourceHandle, target);
        }}
        onPaneClick={(event) => {
          select([]);
          if (event.detail === 2 && !readOnly) pickAt({ x: event.clientX, y: event.clientY });
        }}
        onPaneContextMenu={(event) => {
          if (readOnly) return;
          event.preventDefault();
          pickAt({ x: event.clientX, y: event.clientY });
        }}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes(PALETTE_DRAG)) return;
          event.preventDefault();
          event.dataTransfer.dropEffect = "copy";
        }}
        onDrop={onDrop}
        // The builder's own keys do all of this, with undo and announcements.
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        deleteKeyCode={null}
        disableKeyboardA11y
        nodesFocusable={false}
        edgesFocusable={false}
        connectOnClick={false}
        multiSelectionKeyCode={["Shift", "Meta", "Control"]}
        selectionKeyCode="Shift"
        connectionRadius={34}
        snapToGrid
        snapGrid={SNAP}
        minZoom={0.08}
        maxZoom={2}
        onlyRenderVisibleElements={nodes.length > MANY}
        zoomOnDoubleClick={false}
        elevateNodesOnSelect
      >
        {guides.length > 0 && (
          <ViewportPortal>
            {guides.map((guide) => (
              <div
                key={`${guide.axis} ${guide.at}`}
                className="guide"
                style={guide.axis === "x" ? { left: guide.at, top: guide.from, height: guide.to - guide.from } : { top: guide.at, left: guide.from, width: guide.to - guide.from }}
                data-axis={guide.axis}
              />
            ))}
          </ViewportPortal>
        )}
        <Background variant={BackgroundVariant.Dots} gap={26} size={1.6} color="var(--fd-canvas-dot)" />
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={{ padding: 0.12, maxZoom: 1 }} />
        <FlowMap marks={marks} />
      </ReactFlow>
    </div>
  );
}
