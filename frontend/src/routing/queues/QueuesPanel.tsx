import { Button } from "@mantine/core";
import { IconPlus, IconStack2 } from "@tabler/icons-react";
import { useState } from "react";

import { PanelHead } from "../../app/PanelHead";
import { EmptyState } from "../../app/states";
import { useCanEdit, useRemove } from "../api";
import { RowActions } from "../RowActions";
import type { Queue, Routing } from "../types";
import { QueueDialog } from "./QueueDialog";

/** The task queues: how many tasks wait in each, and how many workers it can count on. */
export function QueuesPanel({ routing }: { routing: Routing }) {
  const canEdit = useCanEdit();
  const remove = useRemove("queues");
  const [edited, setEdited] = useState<Queue | "new" | null>(null);
  const { queues } = routing;
  const add = canEdit && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
      New queue
    </Button>
  );
  return (
    <>
      <PanelHead action={queues.length > 0 && add}>A queue holds waiting tasks. Its expression says which workers may take them, by their attributes.</PanelHead>
      {queues.length === 0 ? (
        <EmptyState icon={<IconStack2 size={26} stroke={1.6} />} title="No queue yet" action={add}>
          Make one for each kind of work, for example Sales, Billing, German.
        </EmptyState>
      ) : (
        <div className="card table-scroll" role="region" aria-label="Queues">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Queue</th>
                <th scope="col">Takes workers where</th>
                <th scope="col" className="num">
                  Waiting
                </th>
                <th scope="col" className="num">
                  Workers
                </th>
                <th scope="col">Order</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {queues.map((queue) => (
                <tr key={queue.sid}>
                  <th scope="row">{queue.friendly_name}</th>
                  <td>{queue.target_workers ? <code className="mono">{queue.target_workers}</code> : <span className="table__sub">Nobody</span>}</td>
                  <td className="num">{queue.waiting}</td>
                  <td className={`num ${queue.worker_count === 0 ? "num--none" : ""}`}>{queue.worker_count}</td>
                  <td className="table__sub">{queue.task_order === "LIFO" ? "Newest first" : "Oldest first"}</td>
                  <td className="table__actions">
                    <RowActions
                      noun="queue"
                      name={queue.friendly_name}
                      onOpen={() => setEdited(queue)}
                      onDelete={() => remove.mutate(queue.sid)}
                      warning={`No task can wait in ${queue.friendly_name} any more. A queue that a workflow names, or that has tasks, is not deleted.`}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <QueueDialog queue={edited} onClose={() => setEdited(null)} />
    </>
  );
}
