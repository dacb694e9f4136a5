import { Badge, Button, TextInput } from "@mantine/core";
import { IconPlus, IconSearch, IconUsers } from "@tabler/icons-react";
import { useState } from "react";

import { PanelHead } from "../../app/PanelHead";
import { EmptyState } from "../../app/states";
import { useCanEdit, useRemove } from "../api";
import { attributesText } from "../core/attributes";
import { countText } from "../core/text";
import { RowActions } from "../RowActions";
import type { Routing, RoutingWorker } from "../types";
import { WorkerDrawer } from "./WorkerDrawer";

const SHOWN = 100;

/** Everybody who takes tasks: what they are doing, what they can, and how much at a time. */
export function WorkersPanel({ routing }: { routing: Routing }) {
  const canEdit = useCanEdit();
  const remove = useRemove("workers");
  const [edited, setEdited] = useState<RoutingWorker | "new" | null>(null);
  const [search, setSearch] = useState("");
  const { workers } = routing;
  const wanted = search.trim().toLowerCase();
  const found = workers.filter((worker) => `${worker.friendly_name} ${worker.user?.username ?? ""} ${worker.activity_name} ${attributesText(worker.attributes)}`.toLowerCase().includes(wanted));
  const add = canEdit && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
      New worker
    </Button>
  );
  return (
    <>
      <PanelHead action={workers.length > 0 && add}>A worker takes tasks. Queues choose workers by their attributes: skills, languages, levels.</PanelHead>
      {workers.length === 0 ? (
        <EmptyState icon={<IconUsers size={26} stroke={1.6} />} title="No worker yet" action={add}>
          Tasks wait until there is somebody to take them.
        </EmptyState>
      ) : (
        <>
          <TextInput
            mb="md"
            maw={420}
            type="search"
            aria-label="Search workers"
            placeholder="Name, skill or activity"
            leftSection={<IconSearch size={16} />}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          {found.length === 0 ? (
            <EmptyState title="Nobody matches">No worker’s name, attributes or activity contain “{search}”.</EmptyState>
          ) : (
            <div className="card table-scroll" role="region" aria-label="Workers">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">Worker</th>
                    <th scope="col">Activity</th>
                    <th scope="col">Attributes</th>
                    <th scope="col" className="num">
                      Tasks
                    </th>
                    <th scope="col">
                      <span className="visually-hidden">Actions</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {found.slice(0, SHOWN).map((worker) => (
                    <tr key={worker.sid}>
                      <th scope="row">
                        {worker.friendly_name}
                        {worker.user && <div className="table__sub">logs in as {worker.user.username}</div>}
                      </th>
                      <td>
                        <Badge variant="light" color={worker.available ? "petrol" : "gray"}>
                          {worker.activity_name}
                        </Badge>
                      </td>
                      <td className="table__sub table__wrap">{attributesText(worker.attributes) || "None"}</td>
                      <td className="num">{worker.open_reservations}</td>
                      <td className="table__actions">
                        <RowActions
                          noun="worker"
                          name={worker.friendly_name}
                          onOpen={() => setEdited(worker)}
                          onDelete={() => remove.mutate(worker.sid)}
                          warning={`${worker.friendly_name} can take no more tasks. What has been recorded of past ones stays.`}
                        />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
          {found.length > SHOWN && <p className="hint hint--below">{countText(found.length - SHOWN, "further worker")}: search to find them.</p>}
        </>
      )}
      <WorkerDrawer worker={edited} routing={routing} onClose={() => setEdited(null)} />
    </>
  );
}
