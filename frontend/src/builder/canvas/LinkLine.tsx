import { BaseEdge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { IconPlus, IconX } from "@tabler/icons-react";
import { memo } from "react";

import { useBuilderActions } from "../actions-context";
import { edgePath } from "../core/edgePath";
import { countText, shareText } from "../core/traffic";
import { useBuilder } from "../context";
import { chosenOf, type LinkEdge } from "./graph";

/** One connection. Selected, it offers to insert a widget and to be cut. */
function Line({ id, source, target, sourceX, sourceY, targetX, targetY, data, selected, markerEnd }: EdgeProps<LinkEdge>) {
  const actions = useBuilderActions();
  const related = useBuilder(({ selection }) => chosenOf(selection).has(source) || chosenOf(selection).has(target));
  const { path, labelX, labelY } = edgePath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourceLeft: data?.sourceLeft ?? 0,
    sourceRight: data?.sourceRight ?? 0,
    targetHalf: data?.targetHalf ?? 0,
    lane: data?.lane ?? 0,
  });
  return (
    <>
      <BaseEdge id={id} path={path} className={related ? "link--related" : ""} markerEnd={related && markerEnd === "url('#arrow')" ? "url('#arrow-accent')" : markerEnd} interactionWidth={18} />
      {data?.flow && data.flow.count > 0 && !selected && (
        <EdgeLabelRenderer>
          <div className="link-count" style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }} title={`${data.label}: ${data.flow.count}, ${shareText(data.flow.share)} of all that left`}>
            {countText(data.flow.count)} <span>{shareText(data.flow.share)}</span>
          </div>
        </EdgeLabelRenderer>
      )}
      {selected && (
        <EdgeLabelRenderer>
          <div className="link-tools nodrag nopan" style={{ transform: `translate(-50%, -50%) translate(${labelX}px, ${labelY}px)` }}>
            <button
              type="button"
              aria-label={`Insert a widget from ${data?.label}`}
              title="Insert a widget here"
              onClick={(event) => actions.pickForLink(id, { x: event.clientX, y: event.clientY })}
            >
              <IconPlus size={14} />
            </button>
            <button type="button" aria-label={`Remove the connection from ${data?.label}`} title="Remove this connection" onClick={() => actions.cutLink(id)}>
              <IconX size={14} />
            </button>
          </div>
        </EdgeLabelRenderer>
      )}
    </>
  );
}

export const LinkLine = memo(Line);
