import "../builder/inspector/inspector.css";
import "./routing.css";
import "./workflows/workflows.css";
import "./tasks/tasks.css";

import { Badge, ScrollArea, Tabs, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ComponentType } from "react";
import { useNavigate, useParams } from "react-router";

import { useSession } from "../app/session";
import { ErrorState, LoadingState } from "../app/states";
import { CanEdit, useRouting } from "./api";
import { HoursPanel } from "./hours/HoursPanel";
import { QueuesPanel } from "./queues/QueuesPanel";
import { ActivitiesPanel } from "./workers/ActivitiesPanel";
import { TaskChannelsPanel } from "./workers/TaskChannelsPanel";
import { WorkersPanel } from "./workers/WorkersPanel";
import { TasksPanel } from "./tasks/TasksPanel";
import type { Routing } from "./types";
import { WhatIfPanel } from "./whatif/WhatIfPanel";
import { WrapUpRulesPanel } from "./wrapup/WrapUpRulesPanel";
import { WorkflowsPanel } from "./workflows/WorkflowsPanel";

const SECTIONS: { name: string; label: string; Panel: ComponentType<{ routing: Routing }> }[] = [
  { name: "queues", label: "Queues", Panel: QueuesPanel },
  { name: "workflows", label: "Workflows", Panel: WorkflowsPanel },
  { name: "workers", label: "Workers", Panel: WorkersPanel },
  { name: "activities", label: "Activities", Panel: ActivitiesPanel },
  { name: "channels", label: "Task channels", Panel: TaskChannelsPanel },
  { name: "hours", label: "Hours", Panel: HoursPanel },
  { name: "wrap-up", label: "Wrap-up", Panel: WrapUpRulesPanel },
  { name: "tasks", label: "Waiting tasks", Panel: TasksPanel },
  { name: "what-if", label: "What-if", Panel: WhatIfPanel },
];

/** Who gets which task, and why: everything an admin sets and a supervisor reads about routing. */
export function RoutingPage() {
  const { user } = useSession();
  return <RoutingScreens canEdit={user.role === "admin"} />;
}

export function RoutingScreens({ canEdit }: { canEdit: boolean }) {
  useDocumentTitle("Routing · Flowdesk");
  const { section } = useParams();
  const navigate = useNavigate();
  const query = useRouting();
  const open = SECTIONS.find(({ name }) => name === section) ?? SECTIONS[0]!;
  return (
    <CanEdit value={canEdit}>
      <div className="page routing">
        <header className="page__head">
          <div className="page__title routing__title">
            <Title order={1} size="h2">
              Routing
            </Title>
            {!canEdit && (
              <Badge variant="light" color="gray">
                Read only
              </Badge>
            )}
          </div>
        </header>
        <Tabs value={open.name} onChange={(name) => void navigate(`/routing/${name}`)} keepMounted={false}>
          <ScrollArea type="never" mb="lg">
            <Tabs.List className="routing__tabs" aria-label="Parts of routing">
              {SECTIONS.map(({ name, label }) => (
                <Tabs.Tab key={name} value={name} ref={name === open.name ? keepInSight : undefined}>
                  {label}
                </Tabs.Tab>
              ))}
            </Tabs.List>
          </ScrollArea>
          {SECTIONS.map(({ name, Panel }) => (
            <Tabs.Panel key={name} value={name}>
              {query.isPending && <LoadingState label="Reading the routing" />}
              {query.isError && !query.data && <ErrorState title="The routing cannot be read" error={query.error} onRetry={() => void query.refetch()} />}
              {query.data && <Panel routing={query.data} />}
            </Tabs.Panel>
          ))}
        </Tabs>
      </div>
    </CanEdit>
  );
}

function keepInSight(tab: HTMLElement | null) {
  tab?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
