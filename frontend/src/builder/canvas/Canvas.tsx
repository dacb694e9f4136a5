import "@xyflow/react/dist/style.css";

import {
  Background,
  BackgroundVariant,
  Controls,
  MiniMap,
  ReactFlow,
  useStore as useFlowStore,
  type EdgeChange,
  type FinalConnectionState,
  type NodeChange,
  type ReactFlowInstance,
} from "@xyflow/react";
import { useMantineColorScheme, useComputedColorScheme } from "@mantine/core";
import { useCallback, useMemo, useRef, useState, type DragEvent } from "react";

import { useBuilderActions } from "../actions-context";
import { useBuilder, useBuilderStore } from "../context";
import { toOffset } from "../core/layout";
import type { Point } from "../core/model";
import { marksOf } from "../core/problems";
import { toneOf } from "../look";
import { PALETTE_DRAG } from "../palette/Palette";
import { useUi } from "../ui";
import { edgesOf, nodesOf, type CardNode, type LinkEdge } from "./graph";
import { LinkLine } from "./LinkLine";
import { WidgetCard } from "./WidgetCard";

const nodeTypes = { widget: WidgetCard };
const edgeTypes = { link: LinkLine };
const SNAP: [number, number] = [13, 13];
/** Below this zoom cards show their name only, large enough to be read. */
const FAR = 0.42;
/** From here on only what is in view is drawn. */
const MANY = 150;

const MINIMAP_COLOURS: Record<string, string> = {
  start: "#5a554e", message: "#2c897c", logic: "#d28d15", data: "#5b78c2", people: "#a4588f", voice: "#7d8790", other: "#99938a",
};

/** The drawing of the flow. Everything it changes goes through the builder's actions. */
export function Canvas() {
  const actions = useBuilderActions();
  const definition = useBuilder((state) => state.history.present);
  const catalogue = useBuilder((state) => state.catalogue);
  const selection = useBuilder((state) => state.selection);
  const selectedLink = useBuilder((state) => state.selectedLink);
  const problems = useBuilder((state) => state.problems);
  const trace = useUi((state) => state.trace);
  const readOnly = useBuilder((state) => state.readOnly);
  const store = useBuilderStore();
  const select = useBuilder((state) => state.select);
  const selectLink = useBuilder((state) => state.selectLink);
  const { colorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme("light");
  const far = useFlowStore((state) => state.transform[2] < FAR);

  const [dragged, setDragged] = useState<ReadonlyMap<string, Point>>(new Map());
  const dragging = useRef(false);
  const instance = useRef<ReactFlowInstance<CardNode, LinkEdge> | null>(null);

  const marks = useMemo(() => marksOf(problems), [problems]);
  const nodes = useMemo(
    () => nodesOf({ definition, catalogue, selection, marks, dragged, trace }),
    [definition, catalogue, selection, marks, dragged, trace],
  );
  const edges = useMemo(
    () => edgesOf({ nodes, definition, selection, selectedLink, trace }),
    [nodes, definition, selection, selectedLink, trace],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<CardNode>[]) => {
      const moves = changes.filter((change) => change.type === "position" && change.position && change.dragging);
      if (moves.length > 0) {
        dragging.current = true;
        setDragged((before) => {
          const after = new Map(before);
          for (const change of moves) if (change.type === "position" && change.position) after.set(change.id, change.position);
          return after;
        });
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
    [select, store],
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
      className="canvas"
      data-far={far || undefined}
      onPointerMove={(event) => actions.pointAt({ x: event.clientX, y: event.clientY })}
      onPointerLeave={() => actions.pointAt(null)}
    >
      <ReactFlow<CardNode, LinkEdge>
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
        onPaneClick={() => select([])}
        onPaneContextMenu={(event) => {
          if (readOnly) return;
          event.preventDefault();
          const screen = { x: event.clientX, y: event.clientY };
          actions.openPicker({ screen, at: instance.current?.screenToFlowPosition(screen) ?? null, wire: null });
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
        <Background variant={BackgroundVariant.Dots} gap={26} size={1.6} color="var(--fd-canvas-dot)" />
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={{ padding: 0.12, maxZoom: 1 }} />
        <MiniMap<CardNode>
          position="bottom-right"
          pannable
          zoomable
          ariaLabel="Map of the flow"
          nodeColor={(node) => (node.data.marks?.errors ? "#cf4f35" : (MINIMAP_COLOURS[toneOf(node.data.state.type)] as string))}
          nodeBorderRadius={12}
          bgColor="var(--fd-surface)"
          maskColor={scheme === "dark" ? "rgb(10 14 14 / 62%)" : "rgb(120 110 95 / 13%)"}
        />
      </ReactFlow>
    </div>
  );
}
