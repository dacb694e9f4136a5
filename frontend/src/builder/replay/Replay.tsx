import { Button } from "@mantine/core";
import { IconPencil, IconRepeat } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";

import { api, ApiError } from "../../api/client";
import type { ExecutionDetail, Flow } from "../../api/types";
import { useSession } from "../../app/session";
import { ErrorState, LoadingState } from "../../app/states";
import { ExecutionStatus } from "../../executions/ExecutionStatus";
import { asDefinition, type Catalogue } from "../core/model";
import { useRevision } from "../revisions";
import { Viewer, ViewerBar } from "../Viewer";
import { StepsPanel } from "./StepsPanel";

type Props = { sid: string; flow: Flow; catalogue: Catalogue };

/** A past execution on the revision it ran: nothing can be changed here. */
export function Replay({ sid, flow, catalogue }: Props) {
  const execution = useQuery({ queryKey: ["execution", sid], queryFn: () => api.get<ExecutionDetail>(`executions/${sid}`) });
  const revision = useRevision(flow.sid, execution.data?.flow_sid === flow.sid ? execution.data.revision : null);
  const drawn = useMemo(() => asDefinition(revision.data?.definition), [revision.data]);
  const back = (
    <Button component={Link} to={`/flows/${flow.sid}`} variant="default">
      Open the flow
    </Button>
  );

  const error = execution.error ?? revision.error;
  if (error) {
    const gone = error instanceof ApiError && error.status === 404;
    return <ErrorState tall title={gone ? "This execution, or its revision, does not exist" : "The execution cannot be read"} error={error} action={back} />;
  }
  if (execution.data && execution.data.flow_sid !== flow.sid) {
    return <ErrorState tall title="This execution is of another flow" error={new Error(`It ran the flow ${execution.data.flow_name}.`)} action={back} />;
  }
  if (!execution.data || revision.isPending) return <LoadingState tall label="Reading the execution" />;
  if (!drawn) return <ErrorState tall title="This revision cannot be drawn" error={new Error("It has no list of widgets.")} action={back} />;
  return (
    <div className="builder">
      <Bar execution={execution.data} flow={flow} />
      <Viewer key={sid} flow={flow} catalogue={catalogue} drawn={drawn}>
        <StepsPanel execution={execution.data} />
      </Viewer>
    </div>
  );
}

function Bar({ execution, flow }: { execution: ExecutionDetail; flow: Flow }) {
  const isAdmin = useSession().user.role === "admin";
  const newest = execution.revision === flow.revision ? "" : `, the newest is ${flow.revision}`;
  const meta = (
    <>
      <ExecutionStatus execution={execution} />
      <span>
        revision {execution.revision}
        {newest}
      </span>
    </>
  );
  return (
    <ViewerBar back={`/executions/${execution.sid}`} label="Back to the execution" title={`${execution.contact || execution.sid} in ${execution.flow_name}`} meta={meta}>
      {isAdmin && (
        <Button component={Link} to={`/flows/${flow.sid}?replay=${execution.sid}`} variant="light" size="xs" h={34} leftSection={<IconRepeat size={16} stroke={1.7} />}>
          Run again on the draft
        </Button>
      )}
      <Button component={Link} to={`/flows/${flow.sid}`} variant="default" size="xs" h={34} leftSection={<IconPencil size={16} stroke={1.7} />}>
        {isAdmin ? "Edit the flow" : "The flow"}
      </Button>
    </ViewerBar>
  );
}
