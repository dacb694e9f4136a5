import { Badge, Button } from "@mantine/core";
import { IconClockHour4, IconPlus } from "@tabler/icons-react";
import { useState } from "react";

import { PanelHead } from "../../app/PanelHead";
import { EmptyState } from "../../app/states";
import { fullTime } from "../../core/time";
import { useCanEdit, useRemove } from "../api";
import { weekText } from "../core/hours";
import { countText } from "../core/text";
import { RowActions } from "../RowActions";
import type { Calendar, Routing } from "../types";
import { CalendarDrawer } from "./CalendarDrawer";

/** Opening hours: which there are, and whether each is open now. */
export function HoursPanel({ routing }: { routing: Routing }) {
  const canEdit = useCanEdit();
  const remove = useRemove("calendars");
  const [edited, setEdited] = useState<Calendar | "new" | null>(null);
  const { calendars } = routing;
  const add = canEdit && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setEdited("new")}>
      New opening hours
    </Button>
  );
  return (
    <>
      <PanelHead action={calendars.length > 0 && add}>
        Flows and workflows ask whether you are open, by name: <code className="mono">calendar.support.open == true</code>.
      </PanelHead>
      {calendars.length === 0 ? (
        <EmptyState icon={<IconClockHour4 size={26} stroke={1.6} />} title="No opening hours yet" action={add}>
          With them a workflow can send tasks elsewhere at night and on holidays.
        </EmptyState>
      ) : (
        <div className="card table-scroll" role="region" aria-label="Opening hours">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Now</th>
                <th scope="col">Week</th>
                <th scope="col">Holidays</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {calendars.map((calendar) => (
                <tr key={calendar.sid}>
                  <th scope="row">{calendar.name}</th>
                  <td>
                    <Badge variant="light" color={calendar.open ? "petrol" : "gray"}>
                      {calendar.open ? "Open" : "Closed"}
                    </Badge>
                    {calendar.next_change && (
                      <div className="table__sub">
                        {calendar.open ? "closes" : "opens"} {fullTime(calendar.next_change)}
                      </div>
                    )}
                  </td>
                  <td className="table__wrap">
                    {weekText(calendar.weekly)}
                    <div className="table__sub">{calendar.time_zone}</div>
                  </td>
                  <td className="table__sub">
                    {[calendar.country && [calendar.country, calendar.subdivision].filter(Boolean).join("-"), calendar.dates.length > 0 && countText(calendar.dates.length, "own date")].filter(Boolean).join(", ") || "None"}
                  </td>
                  <td className="table__actions">
                    <RowActions
                      noun="calendar"
                      name={calendar.name}
                      onOpen={() => setEdited(calendar)}
                      onDelete={() => remove.mutate(calendar.sid)}
                      warning={`Expressions that ask for calendar.${calendar.name}.open no longer find it.`}
                    />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <CalendarDrawer calendar={edited} onClose={() => setEdited(null)} />
    </>
  );
}
