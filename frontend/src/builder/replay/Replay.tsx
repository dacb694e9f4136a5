import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconChevronLeft, IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link } from "react-router";

import { api, ApiError } from "../../api/client";
import type { ExecutionDetail, Flow, Revision } from "../../api/types";
import { ErrorState, LoadingState } from "../../app/states";
import { ExecutionStatus } from "../../executions/ExecutionStatus";
import { createActions } from "../actions";
import { ActionsContext } from "../actions-context";
import { Canvas } from "../canvas/Canvas";
import { BuilderContext } from "../context";
import { asDefinition, type Catalogue } from "../core/model";
import { createBuilderStore } from "../store";
import { createUiStore, UiContext } from "../ui";
import { StepsPanel } from "./StepsPanel";

type Props = { sid: string; flow: Flow; catalogue: Catalogue };

/** A past execution on the revision it ran: nothing can be changed here. */
export function Replay({ sid, flow, catalogue }: Props) {
  const execution = useQuery({ queryKey: ["execution", sid], queryFn: () => api.get<ExecutionDetail>(`executions/${sid}`) });
  const number = execution.data?.revision;
  const revision = useQuery({
    queryKey: ["flow", flow.sid, "revision", number],
    queryFn: () => api.get<Revision>(`flows/${flow.sid}/revisions/${number}`),
    enabled: number !== undefined && execution.data?.flow_sid === flow.sid,
    staleTime: Number.POSITIVE_INFINITY,
  });
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
  return <Stage key={sid} execution={execution.data} flow={{ ...flow, definition: drawn, errors: [], warnings: [] }} catalogue={catalogue} />;
}

function Stage({ execution, flow, catalogue }: { execution: ExecutionDetail; flow: Flow; catalogue: Catalogue }) {
  const [store] = useState(() => createBuilderStore({ flow, catalogue, readOnly: true }));
  const [ui] = useState(() => createUiStore(false));
  const [actions] = useState(() => createActions({ store, ui }));
  return (
    <BuilderContext value={store}>
      <UiContext value={ui}>
        <ActionsContext value={actions}>
          <div className="builder">
            <header className="topbar">
              <Tooltip label="The execution">
                <ActionIcon component={Link} to={`/executions/${execution.sid}`} variant="subtle" color="gray" size={34} aria-label="Back to the execution">
                  <IconChevronLeft size={19} />
                </ActionIcon>
              </Tooltip>
              <div className="topbar__flow topbar__name">
                <h1>
                  {execution.contact || execution.sid} in {execution.flow_name}
                </h1>
                <span className="topbar__meta">
                  <ExecutionStatus execution={execution} />
                  <span>
                    revision {execution.revision}
                    {execution.revision === flow.revision ? "" : `, the newest is ${flow.revision}`}
                  </span>
                </span>
              </div>
              <Button component={Link} to={`/flows/${flow.sid}`} variant="default" size="xs" h={34} leftSection={<IconPencil size={16} stroke={1.7} />}>
                Edit the flow
              </Button>
            </header>
            <div className="builder__body">
              <div className="builder__middle">
                <section className="builder__canvas" aria-label="Canvas">
                  <Canvas />
                </section>
              </div>
              <StepsPanel execution={execution} />
            </div>
          </div>
        </ActionsContext>
      </UiContext>
    </BuilderContext>
  );
}
