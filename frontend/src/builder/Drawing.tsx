import { Badge, Button } from "@mantine/core";
import { IconActivity } from "@tabler/icons-react";
import { Link } from "react-router";

import type { Flow } from "../api/types";
import type { Catalogue } from "./core/model";
import { Outline } from "./palette/Outline";
import { Viewer, ViewerBar } from "./Viewer";

/** The diagram for those who may look at flows and not change them, and its widgets as a list to go by. */
export function Drawing({ flow, catalogue }: { flow: Flow; catalogue: Catalogue }) {
  const meta = (
    <>
      <Badge variant="light" color="gray">
        Only admins change flows
      </Badge>
      <span>revision {flow.revision}</span>
    </>
  );
  return (
    <div className="builder">
      <ViewerBar back="/flows" label="Back to the flows" title={flow.friendly_name} meta={meta}>
        <Button component={Link} to={`/executions?flow_sid=${flow.sid}`} variant="default" size="xs" h={34} leftSection={<IconActivity size={16} stroke={1.7} />}>
          Executions
        </Button>
      </ViewerBar>
      <Viewer flow={flow} catalogue={catalogue}>
        <aside className="builder__beside" aria-label="Outline">
          <Outline />
        </aside>
      </Viewer>
    </div>
  );
}
