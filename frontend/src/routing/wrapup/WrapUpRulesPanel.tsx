import { Badge, Button } from "@mantine/core";
import { useState } from "react";

import { PanelHead } from "../../app/PanelHead";
import { ErrorState, LoadingState } from "../../app/states";
import { useCanEdit } from "../api";
import { modeText, usePolicies, type Policy } from "./policies";
import { PolicyDrawer } from "./PolicyDrawer";

type Row = { sid: string; name: string; policy: Policy; isOwn: boolean };

/** How agents work on each queue's tasks: wrap-up, dispositions, auto-accept, and who finds the queue. */
export function WrapUpRulesPanel() {
  const canEdit = useCanEdit();
  const query = usePolicies();
  const [edited, setEdited] = useState<Row | null>(null);
  if (query.isPending) return <LoadingState label="Reading the rules" />;
  if (query.isError) return <ErrorState title="The rules cannot be read" error={query.error} onRetry={() => void query.refetch()} />;
  const { general, queues } = query.data;
  const rows: Row[] = [
    { sid: "general", name: "All other queues", policy: general, isOwn: true },
    ...queues.map((each) => ({ sid: each.queue_sid, name: each.queue_name, policy: each.policy ?? general, isOwn: each.policy !== null })),
  ];
  return (
    <>
      <PanelHead>What agents do when a conversation is over, and which offers are accepted for them. A queue without rules of its own follows the general ones.</PanelHead>
      <div className="card table-scroll" role="region" aria-label="Wrap-up">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Queue</th>
              <th scope="col">Wrap-up</th>
              <th scope="col">Dispositions</th>
              <th scope="col">Fields</th>
              <th scope="col">Offers</th>
              <th scope="col">
                <span className="visually-hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.sid}>
                <th scope="row">{row.name}</th>
                <td>
                  {modeText(row.policy)} {!row.isOwn && <span className="table__sub">(general)</span>}
                </td>
                <td className="table__sub">{row.policy.dispositions.join(", ") || "None"}</td>
                <td className="table__sub">{row.policy.fields.map(({ label }) => label).join(", ") || "None"}</td>
                <td>
                  {row.policy.auto_accept ? <Badge variant="light">Accepted by the server</Badge> : <span className="table__sub">Agents answer</span>}
                </td>
                <td className="table__actions">
                  <Button size="compact-sm" variant="default" aria-label={`${canEdit ? "Edit" : "Show"} the rules of ${row.name}`} onClick={() => setEdited(row)}>
                    {canEdit ? "Edit" : "Show"}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <PolicyDrawer row={edited} onClose={() => setEdited(null)} />
    </>
  );
}
