import { Button } from "@mantine/core";
import { IconPlus, IconRoute } from "@tabler/icons-react";
import { Link, useNavigate, useParams } from "react-router";

import { PanelHead } from "../../app/PanelHead";
import { EmptyState } from "../../app/states";
import { useCanEdit, useRemove } from "../api";
import { countText, durationText } from "../core/text";
import { draftOf } from "../core/workflow";
import { RowActions } from "../RowActions";
import type { Routing } from "../types";
import { WorkflowEditor } from "./WorkflowEditor";

/** The workflows, or the editor of the one named in the address. */
export function WorkflowsPanel({ routing }: { routing: Routing }) {
  const { sid } = useParams();
  const canEdit = useCanEdit();
  const navigate = useNavigate();
  const remove = useRemove("workflows");
  const { workflows } = routing;
  const chosen = workflows.find((workflow) => workflow.sid === sid);
  if (sid === "new" && canEdit) return <WorkflowEditor key="new" routing={routing} workflow={null} />;
  if (chosen) return <WorkflowEditor key={chosen.sid} routing={routing} workflow={chosen} />;
  if (sid) {
    return (
      <EmptyState
        title="This workflow does not exist"
        action={
          <Button component={Link} to="/routing/workflows" variant="default">
            All workflows
          </Button>
        }
      >
        It may have been deleted.
      </EmptyState>
    );
  }
  const add = canEdit && (
    <Button component={Link} to="/routing/workflows/new" leftSection={<IconPlus size={17} />}>
      New workflow
    </Button>
  );
  return (
    <>
      <PanelHead action={workflows.length > 0 && add}>A workflow decides which queue a task waits in, and where it goes when nobody takes it in time.</PanelHead>
      {workflows.length === 0 ? (
        <EmptyState icon={<IconRoute size={26} stroke={1.6} />} title="No workflow yet" action={add}>
          Flows hand conversations over to a workflow. Make one that leads to a queue.
        </EmptyState>
      ) : (
        <div className="card table-scroll" role="region" aria-label="Workflows">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Workflow</th>
                <th scope="col">Rules</th>
                <th scope="col" className="num">
                  Waiting
                </th>
                <th scope="col">An offer lasts</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {workflows.map((workflow) => {
                const draft = draftOf(workflow.configuration);
                return (
                  <tr key={workflow.sid}>
                    <th scope="row">
                      <Link to={`/routing/workflows/${workflow.sid}`}>{workflow.friendly_name}</Link>
                    </th>
                    <td className="table__sub">
                      {countText(draft.filters.length, "filter")}
                      {draft.defaultFilter ? ", and a default" : ", no default"}
                    </td>
                    <td className="num">{workflow.waiting}</td>
                    <td className="table__sub">{durationText(workflow.task_reservation_timeout)}</td>
                    <td className="table__actions">
                      <RowActions
                        noun="workflow"
                        name={workflow.friendly_name}
                        onOpen={() => void navigate(`/routing/workflows/${workflow.sid}`)}
                        onDelete={() => remove.mutate(workflow.sid)}
                        warning={`Flows that hand over to ${workflow.friendly_name} will fail to do so.`}
                      />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
