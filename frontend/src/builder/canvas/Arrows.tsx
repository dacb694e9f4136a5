import { memo } from "react";

import { ARROWS } from "./graph";

/** The heads of all lines, drawn once and of one size whatever a line's width. */
export const Arrows = memo(function Arrows() {
  return (
    <svg className="arrows" aria-hidden width={0} height={0}>
      <defs>
        {Object.entries(ARROWS).map(([id, colour]) => (
          <marker key={id} id={id} viewBox="-10 -10 20 20" markerWidth={26} markerHeight={26} markerUnits="userSpaceOnUse" orient="auto-start-reverse" refX={0} refY={0}>
            <polyline points="-5,-4 0,0 -5,4 -5,-4" strokeLinecap="round" strokeLinejoin="round" style={{ stroke: colour, fill: colour, strokeWidth: 1 }} />
          </marker>
        ))}
      </defs>
    </svg>
  );
});
